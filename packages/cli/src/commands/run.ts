import path from 'node:path';
import type { Plan } from '@vflair/core/contract';
import { Findings } from '@vflair/core/text';
import { planDigest } from '@vflair/dsl';
import { claimFolder } from '../claim-folder.js';
import { clearFolder, execute } from '../execute.js';
import { Exit, exitCodes } from '../exit.js';
import { type Prepared, prepare } from '../inputs.js';
import { readPlan } from '../read-plan.js';
import { defaultFolder } from '../run-folder.js';
import { interruptible, stateOf, tellFinished, tellReport } from '../run-state.js';
import { type GlobalFlags, openTerminal, type Terminal } from '../terminal/terminal.js';
import { checkTextLock, lockFileOf, writeTextLock } from '../text-lock.js';
import { writeReport } from '../write-report.js';

/** Options of `vflair run`. */
export interface RunOptions extends GlobalFlags {
  readonly set?: readonly string[];
  readonly out?: string;
  readonly jobs?: string;
  readonly again?: boolean;
  readonly resume?: boolean;
  readonly relock?: boolean;
  readonly offline?: boolean;
}

/** Runs a text or a plan; gives the exit code. */
export async function run(file: string, options: RunOptions): Promise<number> {
  const terminal = openTerminal(options);
  const { again = false, resume = false, relock = false } = options;
  const jobs = parseJobs(options.jobs);
  if (again && resume)
    throw new Exit(exitCodes.usage, '--again starts over and --resume goes on: give one of them');
  const plan = readPlan(file, options.set ?? [], terminal);
  const root = options.out ?? defaultFolder(file, planDigest(plan));
  const hosts = interruptible(terminal, root);
  const state = await stateOf(root, { plan, again });
  if (state === 'finished' && !again) return tellFinished(root, terminal);
  const started = performance.now();
  const prepared = await prepare(plan, path.dirname(path.resolve(file)));
  lockText(file, prepared, { relock, terminal });
  for (const warning of prepared.warnings) terminal.finding(warning);
  await claimFolder(root);
  if (again) await clearFolder(root);
  terminal.say(announce(plan, root));
  const { believed } = await execute(prepared, { root, jobs, terminal, hosts }).catch(
    keptIn(root, file),
  );
  const report = await writeReport(root);
  tellReport(report, { terminal, root, seconds: (performance.now() - started) / 1000 });
  return believed ? exitCodes.done : exitCodes.notBelieved;
}

/** A failed run says how it goes on. */
function keptIn(root: string, file: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof Findings)) throw error;
    const next = `what was done is kept in ${root}, and \`vflair run ${file} --resume\` goes on`;
    throw new Exit(exitCodes.failed, `the run failed; ${next}`, error.diagnostics);
  };
}

/** A text's lock is checked, or written anew with `--relock`; a plan has none. */
function lockText(
  file: string,
  prepared: Prepared,
  { relock, terminal }: { relock: boolean; terminal: Terminal },
): void {
  if (file.endsWith('.json')) return;
  if (relock) {
    writeTextLock(file, prepared);
    terminal.say(`locked in ${lockFileOf(file)}`);
  } else checkTextLock(file, prepared);
}

function parseJobs(text: string | undefined): number {
  const jobs = Number(text ?? '1');
  if (!Number.isInteger(jobs) || jobs < 1)
    throw new Exit(exitCodes.usage, `--jobs wants a whole number from 1, not \`${text}\``);
  return jobs;
}

function announce(plan: Plan, root: string): string {
  const attacks = plan.pipelines.reduce((sum, { attacks: list }) => sum + list.length, 0);
  const names = plan.pipelines.map(({ name }) => name).join(', ');
  const counted = (n: number, word: string): string => `${n} ${word}${n === 1 ? '' : 's'}`;
  return `${counted(plan.pipelines.length, 'pipeline')} (${names}), ${counted(attacks, 'attack')} → ${root}`;
}
