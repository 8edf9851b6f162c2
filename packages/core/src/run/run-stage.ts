import type { PipelinePlan } from '../contract/index.js';
import type { OracleResult } from '../judge/index.js';
import { at } from '../text/index.js';
import {
  type AttackJob,
  type AttackRun,
  controlRows,
  firstRows,
  variantsOf,
} from './attack-job.js';
import { runAttack } from './attack-run.js';
import type { RunContext } from './context.js';
import { once } from './once.js';
import { type ReadOut, readOut } from './read-out.js';
import { selectionOf } from './selection.js';
import { splitOracle } from './split-oracle.js';
import { attackKey, type Stage, shortDigest } from './stage.js';
import { decoyRows, type Judged, sharedTruth } from './truths.js';
import { runVictim, type VictimResult } from './victim.js';
import { withoutBody } from './without-body.js';

/** One attack in all its forms, and what reading off without any effort gives on the same rows. */
export interface AttackOutcome {
  readonly job: AttackJob;
  readonly runs: readonly AttackRun[];
  readonly readOut: ReadOut;
}

/** What one stage gave: its victim, the attacks on it, and what the Judge holds. */
export interface StageOutcome {
  readonly stage: Stage;
  readonly judged: Judged;
  readonly victim: VictimResult;
  readonly split: OracleResult;
  readonly attacks: readonly AttackOutcome[];
  readonly withoutBody: readonly number[] | undefined;
}

/** Runs the victim of a stage and all attacks on it, or takes what an earlier run left. */
export async function runStage(
  context: RunContext,
  stage: Stage,
  shared: Map<string, Promise<unknown>>,
): Promise<StageOutcome> {
  const { pipeline, key } = stage;
  const judged = await sharedTruth(context, shared, pipeline);
  const split = await once(context, shared, {
    name: splitName(pipeline),
    work: () => splitOracle(context, pipeline, judged),
  });
  const known = await context.folder.load<VictimResult>('stages', key, 'victim.json');
  const request = { stage, rows: judged.rows, decoyRows: await decoysOf(context, stage, judged) };
  const victim = known ?? (await runVictim(context, request));
  if (!known) await context.folder.save(victim, 'stages', key, 'victim.json');
  context.say(
    `${stage.members.map(({ name }) => name).join(', ')}: ${pipeline.work.kind === 'finetune' ? 'trained' : 'ran'}${known ? ' (from an earlier run)' : ''}`,
  );
  const bare = await bodiless(context, shared, { pipeline, judged });
  const attacks: AttackOutcome[] = [];
  for (const member of stage.members) {
    for (const attack of member.attacks) {
      const definition = await context.library.attack(at(attack.chain, attack.chain.length - 1).id);
      const job: AttackJob = { stage, pipeline: member, attack, definition, victim, judged };
      const runs: AttackRun[] = [];
      for (const variant of variantsOf(job)) runs.push(await runAttack(context, job, variant));
      context.say(`${member.name}: attacked with ${attack.chain.map(({ id }) => id).join(' |> ')}`);
      attacks.push({ job, runs, readOut: await readOut(context, job) });
    }
  }
  return { stage, judged, victim, split, attacks, withoutBody: bare };
}

/** Name of what oracle 1 found for a pipeline: several have one model, cut and trained alike. */
export const splitName = (pipeline: PipelinePlan): string =>
  `split-${shortDigest(unsplitOf(pipeline))}`;

/** What oracle 1 depends on: the model, where it is cut and how it is trained, not the data or the defenses. */
function unsplitOf({ seed, model, task, slices, work }: PipelinePlan) {
  return {
    seed,
    model,
    task: task.id,
    slices,
    work:
      work.kind === 'finetune'
        ? { ...work, params: { ...work.params, slices: [], epochs: 1 } }
        : work,
  };
}

async function bodiless(
  context: RunContext,
  shared: Map<string, Promise<unknown>>,
  { pipeline, judged }: { pipeline: PipelinePlan; judged: Judged },
): Promise<readonly number[] | undefined> {
  const labelled = judged.model.spec.head === 'cls';
  if (!labelled || pipeline.slices.length < 3 || pipeline.work.kind !== 'finetune')
    return undefined;
  const { seed, model, data, task, slices, work } = pipeline;
  const name = `without-body-${shortDigest({ seed, model, data, task, slices, work })}`;
  return once(context, shared, { name, work: () => withoutBody(context, pipeline) });
}

/** Public ids that stand in for the rows of each attack that guesses tokens, by attack key. */
export async function decoysOf(
  { library }: RunContext,
  stage: Stage,
  judged: Judged,
): Promise<Map<string, number[][]>> {
  const decoys = new Map<string, number[][]>();
  for (const pipeline of stage.members) {
    for (const attack of pipeline.attacks) {
      const definition = await library.attack(at(attack.chain, attack.chain.length - 1).id);
      if (definition.guesses !== 'tokens') continue;
      const { picks } = selectionOf(pipeline, attack, judged.sizes);
      const split = attack.split === 'train' ? 'train' : 'test';
      const rows = firstRows(picks, controlRows).flatMap(({ dataRows }) =>
        dataRows.map((row) => at(judged.rows[split], row)),
      );
      decoys.set(attackKey(pipeline, attack), decoyRows(judged, pipeline, rows));
    }
  }
  return decoys;
}
