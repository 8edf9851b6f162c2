import type { PipelinePlan, Plan, RunRecord } from '../contract/index.js';
import { type OracleResult, oracleError } from '../judge/index.js';
import { at } from '../text/index.js';
import { auxiliaryOracle } from './auxiliary.js';
import type { RunContext } from './context.js';
import { claimsOf } from './ledger.js';
import {
  ceilingOracles,
  oracleRecord,
  passiveOracle,
  type RunOracle,
  stepsOracle,
} from './oracles.js';
import { rehash } from './rehash.js';
import { runStage, type StageOutcome, splitName } from './run-stage.js';
import { decoyOracle } from './score-attack.js';
import { stagesOf } from './stage.js';
import { stageRecords } from './stage-records.js';
import { compareEntries, type TranscriptEntry, transcriptDigest, writeIndex } from './tap.js';
import type { Judged } from './truths.js';

/** Everything a run established. */
export interface RunOutcome {
  readonly records: readonly RunRecord[];
  readonly entries: readonly TranscriptEntry[];
  readonly transcriptDigest: string;
  readonly believed: boolean;
}

/** Runs every stage of a plan (`jobs` at a time), attacks it, judges it. What a finished stage left on disk is not done again. */
export async function runPlan(context: RunContext, plan: Plan, jobs = 1): Promise<RunOutcome> {
  const stages = stagesOf(plan);
  const shared = new Map<string, Promise<unknown>>();
  const outcomes = await inParallel(stages, jobs, (stage) => runStage(context, stage, shared));
  const entries = outcomes.flatMap(({ victim }) => victim.entries).sort(compareEntries);
  const digest = transcriptDigest(entries);
  await writeIndex(context.folder, entries);
  const oracles = await allOracles(context, outcomes, { entries, digest });
  const facts = await Promise.all(outcomes.map((outcome) => stageRecords(context, outcome)));
  const records = [
    ...facts.flat(),
    ...oracles.map((result) => oracleRecord(context.planDigest, result)),
  ];
  return {
    records,
    entries,
    transcriptDigest: digest,
    believed: oracles.every(({ result }) => result.ok),
  };
}

async function allOracles(
  context: RunContext,
  outcomes: readonly StageOutcome[],
  transcript: { entries: readonly TranscriptEntry[]; digest: string },
): Promise<RunOracle[]> {
  const attacks = outcomes.flatMap((outcome) => outcome.attacks);
  const defended = outcomes.filter(({ stage }) => stage.pipeline.defenses.length > 0);
  const error = oracleError(Math.max(1, attacks.length + defended.length));
  const results: RunOracle[] = [];
  const add = (pipeline: PipelinePlan, ...found: readonly OracleResult[]): void => {
    results.push(...found.map((result) => ({ pipeline, result })));
  };
  // Pipelines that share the result are named by the first of them, whoever of them computed it.
  const firsts = Map.groupBy(outcomes, ({ stage }) => splitName(stage.pipeline));
  for (const group of firsts.values()) add(at(group, 0).stage.pipeline, at(group, 0).split);
  for (const { stage, victim } of outcomes)
    if (stage.pipeline.work.kind === 'finetune') add(stage.pipeline, stepsOracle(victim));
  results.push(...disjointOracles(outcomes));
  for (const { job, runs } of attacks) {
    const oracle = decoyOracle(job, runs, error);
    if (oracle) add(job.pipeline, oracle);
  }
  for (const { stage, judged, victim } of defended) {
    const claims = await claimsOf(context, stage.pipeline);
    add(
      stage.pipeline,
      ...ceilingOracles(judged, {
        claims,
        predicted: victim.evaluation?.predicted ?? [],
        error,
      }),
    );
  }
  const { digest, entries } = transcript;
  const passive = passiveOracle(digest, await rehash(context, entries), entries.length);
  add(at(outcomes, 0).stage.pipeline, passive);
  return results;
}

/** Oracle 4 of every stage whose adversaries hold public rows; stages with one truth share its result. */
function disjointOracles(outcomes: readonly StageOutcome[]): RunOracle[] {
  const known = new Map<Judged, OracleResult>();
  return outcomes.flatMap(({ stage: { pipeline, members }, judged }) => {
    if (!members.some(({ adversaries }) => adversaries.some(({ auxiliary }) => auxiliary)))
      return [];
    const result = known.get(judged) ?? auxiliaryOracle(judged);
    known.set(judged, result);
    return [{ pipeline, result }];
  });
}

async function inParallel<T, R>(
  items: readonly T[],
  jobs: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let i = next++; i < items.length; i = next++) results[i] = await work(at(items, i));
  };
  await Promise.all(Array.from({ length: Math.min(Math.max(1, jobs), items.length) }, worker));
  return results;
}
