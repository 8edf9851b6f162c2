import { readFile } from 'node:fs/promises';
import type { PipelinePlan, RunRecord } from '../contract/index.js';
import { nearestEmbedding } from '../judge/index.js';
import { type FloatTensor, floatTensor, sizeOf } from '../tensor/index.js';
import { present } from '../text/index.js';
import type { AttackJob, AttackRun } from './attack-job.js';
import type { RunContext } from './context.js';
import { exampleRecords } from './examples.js';
import { claimsOf, ledgerRecords } from './ledger.js';
import { bytesRecords, timingRecords } from './measures.js';
import { cellOf, makeRecord } from './record.js';
import type { StageOutcome } from './run-stage.js';
import { scoreAttack } from './score-attack.js';
import { scoreTask } from './score-task.js';
import { carrierOf, selectionOf } from './selection.js';
import type { Judged } from './truths.js';

/** All facts of a stage: utility, ledger, bytes, timings, and the figures of each attack. */
export async function stageRecords(
  context: RunContext,
  outcome: StageOutcome,
): Promise<RunRecord[]> {
  const { stage, judged, victim, attacks } = outcome;
  const { planDigest } = context;
  const records: RunRecord[] = [];
  for (const pipeline of stage.members) {
    const task = await context.library.task(pipeline.task.id);
    const { evaluation } = victim;
    if (evaluation)
      records.push(
        ...scoreTask({
          planDigest,
          pipeline,
          task,
          judged,
          evaluation,
          withoutBody: outcome.withoutBody,
        }),
      );
    records.push(...warningRecords(planDigest, pipeline, judged));
    records.push(...ledgerRecords(planDigest, pipeline, await claimsOf(context, pipeline)));
    records.push(...bytesRecords(planDigest, pipeline, victim.entries));
    records.push(...timingRecords(planDigest, pipeline, victim));
  }
  for (const { job, runs } of attacks) {
    const scoring = {
      planDigest,
      nearest: nearestTokens(job, await sentActivations(context, job)),
    };
    records.push(...scoreAttack(job, runs, scoring), ...exampleRecords(planDigest, job, runs));
    records.push(...runs.map((run) => attackTiming(planDigest, job, run)));
  }
  return records;
}

/** What the report should say of the rows: how many were cut or left out. */
function warningRecords(planDigest: string, pipeline: PipelinePlan, { rows }: Judged): RunRecord[] {
  return rows.warnings.map(({ code, message }) =>
    makeRecord(planDigest, cellOf(pipeline), {
      kind: 'note',
      name: 'check-warning',
      value: null,
      text: `${code}: ${message}`,
    }),
  );
}

function attackTiming(
  planDigest: string,
  { pipeline, attack }: AttackJob,
  { variant, seconds }: AttackRun,
): RunRecord {
  return makeRecord(planDigest, cellOf(pipeline, attack), {
    kind: 'timing',
    name: `attack (${variant.name})`,
    value: seconds,
    unit: 's',
  });
}

/**
 * Computed once for all forms of an attack: it takes tokens × vocabulary × width products. Nothing where embeddings are
 * narrower than what the head sends.
 */
function nearestTokens({ judged }: AttackJob, activations: readonly FloatTensor[]): number[][][] {
  if (activations.length === 0) return [];
  const { read, spec } = judged.model;
  const table = read(spec.embeddingKey);
  if (table.shape[1] !== spec.hidden) return [];
  return activations.map((sent) => nearestEmbedding(sent, table));
}

/** What the head sent for the shown rows of each message, to be read without optimisation. */
async function sentActivations(
  { folder }: RunContext,
  { pipeline, attack, victim, judged, definition }: AttackJob,
): Promise<FloatTensor[]> {
  const carrier = carrierOf(pipeline, 'activations');
  if (definition.guesses !== 'tokens' || !carrier) return [];
  const { phase, picks } = selectionOf(pipeline, attack, judged.sizes);
  return Promise.all(
    picks.map(async ({ step, rows }) => {
      const entry = present(
        victim.entries.find(
          (candidate) =>
            candidate.phase === phase &&
            candidate.step === step &&
            candidate.kind === 'activation' &&
            candidate.from === carrier.from,
        ),
        'message',
      );
      const bytes = await readFile(folder.path('transcript', entry.file));
      const all = new Float32Array(
        bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
      );
      const width = sizeOf(entry.shape.slice(1));
      const shown = new Float32Array(rows.length * width);
      for (const [i, row] of rows.entries())
        shown.set(all.subarray(row * width, (row + 1) * width), i * width);
      return floatTensor([rows.length, ...entry.shape.slice(1)], shown);
    }),
  );
}
