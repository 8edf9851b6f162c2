import path from 'node:path';
import type { Plan } from '@vflair/core/contract';
import { borrowVictims, findVictims, RunFolder } from '@vflair/core/run';
import { canonicalJson } from '@vflair/core/text';
import { planDigest } from '@vflair/dsl';
import { claimFolder } from '../claim-folder.js';
import { baseOf, contextOf, execute, type Lock } from '../execute.js';
import { Exit, exitCodes } from '../exit.js';
import { changedInput, type Prepared, prepare } from '../inputs.js';
import { moveBase, type SharedStage, sharedStages } from '../offline.js';
import { readPlan } from '../read-plan.js';
import { readRun } from '../run-folder.js';
import { interruptible, stateOf, tellFinished, tellReport } from '../run-state.js';
import { type GlobalFlags, openTerminal } from '../terminal/terminal.js';
import { writeReport } from '../write-report.js';

/** Options of `vflair attack`. */
export interface AttackOptions extends GlobalFlags {
  readonly set?: readonly string[];
}

/**
 * The attacks of a text on the transcript of a finished run, without running the victim again. What they give is a run
 * of its own in `attacks/` of the run's folder.
 */
export async function attack(root: string, file: string, options: AttackOptions): Promise<number> {
  const terminal = openTerminal(options);
  const started = performance.now();
  const from = new RunFolder(root);
  const run = await readRun(root);
  const lock = await from.load<Lock>('lock.json');
  if (!run || !lock) throw new Exit(exitCodes.usage, `\`${root}\` holds no finished run`);
  const hosts = interruptible(terminal, root);
  const base = await baseOf(from);
  const plan = attackingPlan(readPlan(file, options.set ?? [], terminal), {
    from: path.dirname(path.resolve(file)),
    to: base,
  });
  const { shared, diagnostics } = sharedStages(plan, run.plan);
  if (diagnostics.length > 0) throw new Exit(exitCodes.findings, '', diagnostics);
  const name = `${path.basename(file).replace(/\.[^.]*$/, '')}-${planDigest(plan).slice(0, 12)}`;
  const target = from.path('attacks', name);
  if ((await stateOf(target, { plan, again: false })) === 'finished')
    return tellFinished(target, terminal);
  const prepared = await prepare(plan, base);
  refuseOtherInputs(lock, shared, prepared);
  const execution = { root: target, jobs: 1, terminal, hosts };
  const stages = shared.map(({ stage }) => stage);
  const context = contextOf(prepared, execution);
  const found = await findVictims(context, stages, from);
  if (found.diagnostics.length > 0) throw new Exit(exitCodes.findings, '', found.diagnostics);
  await claimFolder(target);
  // First, so that a try that was ended half-way is known for what it is.
  await context.folder.write(canonicalJson(plan), 'plan.json');
  await borrowVictims(context, found.victims, from);
  const { believed } = await execute(prepared, execution);
  const report = await writeReport(target);
  tellReport(report, { terminal, root: target, seconds: (performance.now() - started) / 1000 });
  return believed ? exitCodes.done : exitCodes.notBelieved;
}

/** The pipelines that attack, with file names as the run writes them. */
function attackingPlan({ schema, pipelines }: Plan, base: { from: string; to: string }): Plan {
  const attacking = pipelines.filter(({ attacks }) => attacks.length > 0);
  if (attacking.length === 0)
    throw new Exit(exitCodes.findings, '', [
      {
        code: 'VF585',
        severity: 'error',
        message: 'there is no attack in this text',
        hint: 'add a line `attack ADVERSARY with NAME on SPLIT`',
      },
    ]);
  return { schema, pipelines: attacking.map((one) => moveBase(one, base.from, base.to)) };
}

/** VF571: the model or the rows are not those of the run. */
function refuseOtherInputs(lock: Lock, shared: readonly SharedStage[], { inputs }: Prepared): void {
  const before = Object.fromEntries(
    shared.flatMap(({ stage, ran }) => {
      const resolved = lock.resolved[ran];
      return resolved ? [[stage.pipeline.name, resolved]] : [];
    }),
  );
  const changed = changedInput(before, inputs);
  if (changed === undefined) return;
  throw new Exit(exitCodes.findings, '', [
    {
      code: 'VF571',
      severity: 'error',
      message: `the run was made with another ${changed}`,
      hint: 'bring the file back, or run again',
    },
  ]);
}
