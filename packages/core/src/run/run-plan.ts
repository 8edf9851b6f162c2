import { readFile } from 'node:fs/promises';
import type { PipelinePlan, Plan, RunRecord } from '../contract/index.js';
import { oracleError, type OracleResult } from '../judge/index.js';
import { type FloatTensor, floatTensor, sizeOf } from '../tensor/index.js';
import { at, present } from '../text/index.js';
import { type AttackJob, type AttackRun, firstRows, controlRows, runAttack, variantsOf } from './attack-run.js';
import type { RunContext } from './context.js';
import { exampleRecords } from './examples.js';
import { bytesRecords, timingRecords } from './measures.js';
import { ceilingOracles, claimsOf, ledgerRecords, oracleRecord, passiveOracle, splitOracle, stepsOracle } from './oracles.js';
import { decoyOracle, scoreAttack } from './score-attack.js';
import { scoreTask } from './score-task.js';
import { carrierOf, selectionOf } from './selection.js';
import { attackKey, shortDigest, type Stage, stagesOf } from './stage.js';
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

interface StageOutcome {
  readonly stage: Stage;
  readonly judged: Judged;
  readonly victim: VictimResult;
  readonly split: OracleResult;
  readonly attacks: readonly { readonly job: AttackJob; readonly runs: readonly AttackRun[] }[];
  readonly withoutBody: readonly number[] | undefined;
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
  const records = [...facts.flat(), ...oracles.map((result) => oracleRecord(context.planDigest, plan, result))];
  return { records, entries, transcriptDigest: digest, believed: oracles.every(({ ok }) => ok) };
}

async function runStage(context: RunContext, stage: Stage, shared: Map<string, Promise<unknown>>): Promise<StageOutcome> {
  const { pipeline, key } = stage;
  const judged = await openTruth(context, pipeline);
  const split = await once(context, shared, { name: `split-${shortDigest(unsplitOf(pipeline))}`, work: () => splitOracle(context, pipeline, judged) });
  const known = await context.folder.load<VictimResult>('stages', key, 'victim.json');
  const request = { stage, rows: judged.rows, decoyRows: await decoysOf(context, stage, judged) };
  const victim = known ?? (await runVictim(context, request));
  if (!known) await context.folder.save(victim, 'stages', key, 'victim.json');
  context.say(`${stage.members.map(({ name }) => name).join(', ')}: ${pipeline.work.kind === 'finetune' ? 'trained' : 'ran'}${known ? ' (from an earlier run)' : ''}`);
  const bare = await bodiless(context, shared, { pipeline, judged });
  const attacks = [];
  for (const member of stage.members) {
    for (const attack of member.attacks) {
      const definition = await context.library.attack(at(attack.chain, attack.chain.length - 1).id);
      const job: AttackJob = { stage, pipeline: member, attack, definition, victim, judged };
      const runs: AttackRun[] = [];
      for (const variant of variantsOf(job)) runs.push(await runAttack(context, job, variant));
      context.say(`${member.name}: attacked with ${attack.chain.map(({ id }) => id).join(' |> ')}`);
      attacks.push({ job, runs });
    }
  }
  return { stage, judged, victim, split, attacks, withoutBody: bare };
}

/** What oracle 1 depends on: the model, where it is cut and how it is trained, not the data or the defenses. */
function unsplitOf({ seed, model, task, slices, work }: PipelinePlan) {
  return { seed, model, task: task.id, slices, work: work.kind === 'finetune' ? { ...work, params: { ...work.params, slices: [], epochs: 1 } } : work };
}

/** A result that several stages share and that outlives an interrupted run. */
async function once<T>(context: RunContext, shared: Map<string, Promise<unknown>>, { name, work }: { name: string; work: () => Promise<T> }): Promise<T> {
  const running = shared.get(name) ?? computeOnce(context, name, work);
  shared.set(name, running);
  return (await running) as T;
}

async function computeOnce<T>({ folder }: RunContext, name: string, work: () => Promise<T>): Promise<T> {
  const known = await folder.load<{ readonly result: T }>('stages', `${name}.json`);
  if (known) return known.result;
  const result = await work();
  await folder.save({ result }, 'stages', `${name}.json`);
  return result;
}

async function bodiless(context: RunContext, shared: Map<string, Promise<unknown>>, { pipeline, judged }: { pipeline: PipelinePlan; judged: Judged }): Promise<readonly number[] | undefined> {
  const labelled = judged.model.spec.head === 'cls';
  if (!labelled || pipeline.slices.length < 3 || pipeline.work.kind !== 'finetune') return undefined;
  const { seed, model, data, task, slices, work } = pipeline;
  const name = `without-body-${shortDigest({ seed, model, data, task, slices, work })}`;
  return once(context, shared, { name, work: () => withoutBody(context, pipeline) });
}

async function decoysOf({ library }: RunContext, stage: Stage, judged: Judged): Promise<Map<string, number[][]>> {
  const decoys = new Map<string, number[][]>();
  for (const pipeline of stage.members) {
    for (const attack of pipeline.attacks) {
      const definition = await library.attack(at(attack.chain, attack.chain.length - 1).id);
      if (definition.guesses !== 'tokens') continue;
      const { picks } = selectionOf(pipeline, attack, judged.sizes);
      const split = attack.split === 'train' ? 'train' : 'test';
      const rows = firstRows(picks, controlRows).flatMap(({ dataRows }) => dataRows.map((row) => at(judged.rows[split], row)));
      decoys.set(attackKey(pipeline, attack), decoyRows(judged, pipeline, rows));
    }
  }
  return decoys;
}

async function allOracles(context: RunContext, outcomes: readonly StageOutcome[], transcript: { entries: readonly TranscriptEntry[]; digest: string }): Promise<OracleResult[]> {
  const attacks = outcomes.flatMap((outcome) => outcome.attacks);
  const defended = outcomes.filter(({ stage }) => stage.pipeline.defenses.length > 0);
  const error = oracleError(Math.max(1, attacks.length + defended.length));
  const results: OracleResult[] = [];
  const split = new Map(outcomes.map(({ split: result }) => [result.name, result]));
  results.push(...split.values());
  for (const { stage, victim } of outcomes) if (stage.pipeline.work.kind === 'finetune') results.push(stepsOracle(stage.pipeline, victim));
  for (const { job, runs } of attacks) {
    const oracle = decoyOracle(job, runs, error);
    if (oracle) results.push(oracle);
  }
  for (const { stage, judged, victim } of defended) {
    const claims = await claimsOf(context, stage.pipeline);
    results.push(...ceilingOracles(stage.pipeline, judged, { claims, predicted: victim.evaluation?.predicted ?? [], error }));
  }
  results.push(passiveOracle(transcript.digest, await rehash(context, transcript.entries), transcript.entries.length));
  return results;
}

/** The transcript digest from the bytes on disk, where bytes were kept. */
export async function rehash({ folder }: Pick<RunContext, 'folder'>, entries: readonly TranscriptEntry[]): Promise<string> {
  const { createHash } = await import('node:crypto');
  const again = await Promise.all(
    entries.map(async (entry) => {
      if (entry.file === '') return entry;
      const bytes = await readFile(folder.path('transcript', entry.file));
      return { ...entry, sha256: createHash('sha256').update(bytes).digest('hex') };
    }),
  );
  return transcriptDigest(again);
}

async function stageRecords(context: RunContext, outcome: StageOutcome): Promise<RunRecord[]> {
  const { stage, judged, victim, attacks } = outcome;
  const { planDigest } = context;
  const records: RunRecord[] = [];
  for (const pipeline of stage.members) {
    const task = await context.library.task(pipeline.task.id);
    const { evaluation } = victim;
    if (evaluation) records.push(...scoreTask({ planDigest, pipeline, task, judged, evaluation, withoutBody: outcome.withoutBody }));
    records.push(...ledgerRecords(planDigest, pipeline, await claimsOf(context, pipeline)));
    records.push(...bytesRecords(planDigest, pipeline, { entries: victim.entries, sizes: judged.sizes }));
    records.push(...timingRecords(planDigest, pipeline, victim));
  }
  for (const { job, runs } of attacks) {
    const scoring = { planDigest, activations: await sentActivations(context, job), embedding: embeddingOf(job) };
    records.push(...scoreAttack(job, runs, scoring), ...exampleRecords(planDigest, job, runs));
    records.push(...runs.map((run) => attackTiming(planDigest, job, run)));
  }
  return records;
}

function attackTiming(planDigest: string, { pipeline, attack }: AttackJob, { variant, seconds }: AttackRun): RunRecord {
  const cell = { pipeline: pipeline.name, defense: pipeline.defenses.flatMap(({ chain }) => chain.map(({ id }) => id)), attack: attack.chain.map(({ id }) => id), seed: pipeline.seed, sweep: {} };
  return { schema: 1, plan: planDigest, cell, kind: 'timing', name: `attack (${variant.name})`, value: seconds, unit: 's' };
}

function embeddingOf({ judged }: AttackJob): FloatTensor {
  return judged.model.read(judged.model.spec.embeddingKey);
}

/** What the head sent for the shown rows of each message, to be read without optimisation. */
async function sentActivations({ folder }: RunContext, { pipeline, attack, victim, judged, definition }: AttackJob): Promise<FloatTensor[]> {
  const carrier = carrierOf(pipeline, 'activations');
  if (definition.guesses !== 'tokens' || !carrier) return [];
  const { phase, picks } = selectionOf(pipeline, attack, judged.sizes);
  return Promise.all(
    picks.map(async ({ step, rows }) => {
      const entry = present(victim.entries.find((candidate) => candidate.phase === phase && candidate.step === step && candidate.kind === 'activation' && candidate.from === carrier.from), 'message');
      const bytes = await readFile(folder.path('transcript', entry.file));
      const all = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
      const width = sizeOf(entry.shape.slice(1));
      const shown = new Float32Array(rows.length * width);
      rows.forEach((row, i) => shown.set(all.subarray(row * width, (row + 1) * width), i * width));
      return floatTensor([rows.length, ...entry.shape.slice(1)], shown);
    }),
  );
}

async function inParallel<T, R>(items: readonly T[], jobs: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let i = next++; i < items.length; i = next++) results[i] = await work(at(items, i));
  };
  await Promise.all(Array.from({ length: Math.min(Math.max(1, jobs), items.length) }, worker));
  return results;
}
