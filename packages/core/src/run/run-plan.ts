import { readFile } from 'node:fs/promises';
import type { PipelinePlan, Plan, RunRecord } from '../contract/index.js';
import { type OracleResult, oracleError } from '../judge/index.js';
import { type FloatTensor, floatTensor, sizeOf } from '../tensor/index.js';
import { at, present } from '../text/index.js';
import {
  type AttackJob,
  type AttackRun,
  controlRows,
  firstRows,
  runAttack,
  variantsOf,
} from './attack-run.js';
import type { RunContext } from './context.js';
import { exampleRecords } from './examples.js';
import { bytesRecords, timingRecords } from './measures.js';
import {
  ceilingOracles,
  claimsOf,
  ledgerRecords,
  oracleRecord,
  passiveOracle,
  splitOracle,
  stepsOracle,
} from './oracles.js';
import { decoyOracle, scoreAttack } from './score-attack.js';
import { scoreTask } from './score-task.js';
import { carrierOf, selectionOf } from './selection.js';
import { attackKey, type Stage, shortDigest, stagesOf } from './stage.js';
import { compareEntries, type TranscriptEntry, transcriptDigest, writeIndex } from './tap.js';
import { decoyRows, type Judged, openTruth } from './truths.js';
import { runVictim, type VictimResult } from './victim.js';
import { withoutBody } from './without-body.js';

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
  await writeIndex(context.folder.path('transcript'), entries);
  const oracles = await allOracles(context, outcomes, { entries, digest });
  const facts = await Promise.all(outcomes.map((outcome) => stageRecords(context, outcome)));
  const records = [
    ...facts.flat(),
    ...oracles.map((result) => oracleRecord(context.planDigest, plan, result)),
  ];
  return { records, entries, transcriptDigest: digest, believed: oracles.every(({ ok }) => ok) };
}

async function allOracles(
  context: RunContext,
  outcomes: readonly StageOutcome[],
  transcript: { entries: readonly TranscriptEntry[]; digest: string },
): Promise<OracleResult[]> {
  const attacks = outcomes.flatMap((outcome) => outcome.attacks);
  const defended = outcomes.filter(({ stage }) => stage.pipeline.defenses.length > 0);
  const error = oracleError(Math.max(1, attacks.length + defended.length));
  const results: OracleResult[] = [];
  const split = new Map(outcomes.map(({ split: result }) => [result.name, result]));
  results.push(...split.values());
  for (const { stage, victim } of outcomes)
    if (stage.pipeline.work.kind === 'finetune') results.push(stepsOracle(stage.pipeline, victim));
  for (const { job, runs } of attacks) {
    const oracle = decoyOracle(job, runs, error);
    if (oracle) results.push(oracle);
  }
  for (const { stage, judged, victim } of defended) {
    const claims = await claimsOf(context, stage.pipeline);
    results.push(
      ...ceilingOracles(stage.pipeline, judged, {
        claims,
        predicted: victim.evaluation?.predicted ?? [],
        error,
      }),
    );
  }
  results.push(
    passiveOracle(
      transcript.digest,
      await rehash(context, transcript.entries),
      transcript.entries.length,
    ),
  );
  return results;
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
