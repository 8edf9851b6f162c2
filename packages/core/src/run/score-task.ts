import type { PipelinePlan, RunRecord, TaskDefinition } from '../contract/index.js';
import {
  bitsPerByte,
  bootstrapRatio,
  fitNaiveBayes,
  majority,
  perplexity,
  wilson,
} from '../judge/index.js';
import type { EncodedRow } from '../party/index.js';
import { randomStream } from '../tensor/index.js';
import { cellOf, makeRecord } from './record.js';
import type { EvaluationResult } from './results.js';
import type { Judged } from './truths.js';

/** What a task's figures are made from. */
export interface TaskScoring {
  readonly planDigest: string;
  readonly pipeline: PipelinePlan;
  readonly task: TaskDefinition;
  readonly judged: Judged;
  readonly evaluation: EvaluationResult;
  /** Class guesses of head and tail without the body, where that was measured. */
  readonly withoutBody: readonly number[] | undefined;
}

/** Utility on the test split with its baselines: majority, naive Bayes, and head and tail without the server's part. */
export function scoreTask(scoring: TaskScoring): RunRecord[] {
  return scoring.task.head === 'cls' ? classificationRecords(scoring) : likelihoodRecords(scoring);
}

function classificationRecords({
  planDigest,
  pipeline,
  judged,
  evaluation,
  withoutBody,
}: TaskScoring): RunRecord[] {
  const { train, test } = judged.rows;
  const labels = test.map(({ label }) => label ?? 0);
  const trainLabels = train.map(({ label }) => label ?? 0);
  const common = majority(trainLabels.length > 0 ? trainLabels : labels)?.label ?? 0;
  const bayes =
    train.length > 0
      ? fitNaiveBayes(
          train.map((row) => ({ ids: ownIds(row), label: row.label ?? 0 })),
          { classes: judged.rows.classes.length, vocabulary: judged.model.spec.vocabulary },
        )
      : undefined;
  const share = (predicted: readonly number[]) =>
    rate(predicted.filter((label, i) => label === labels[i]).length, labels.length);
  const record = (
    kind: 'task' | 'baseline',
    name: string,
    predicted: readonly number[],
  ): RunRecord =>
    makeRecord(planDigest, cellOf(pipeline), {
      kind,
      name,
      ...(kind === 'baseline' ? { of: 'accuracy' } : {}),
      ...share(predicted),
      unit: 'fraction',
      at: 'test',
    });
  return [
    record('task', 'accuracy', evaluation.predicted),
    record(
      'baseline',
      'majority',
      labels.map(() => common),
    ),
    ...(bayes
      ? [
          record(
            'baseline',
            'naive-bayes',
            test.map((row) => bayes(ownIds(row))),
          ),
        ]
      : []),
    ...(withoutBody ? [record('baseline', 'without-body', withoutBody)] : []),
  ];
}

function rate(hits: number, n: number) {
  const interval = wilson(hits, n);
  return {
    value: n === 0 ? null : hits / n,
    low: interval?.low ?? null,
    high: interval?.high ?? null,
    n,
  };
}

/** A row's own tokens: what a bag of words is made of. */
function ownIds({ ids, user }: EncodedRow): number[] {
  return ids.filter((_, i) => user[i]);
}

function likelihoodRecords({ planDigest, pipeline, judged, evaluation }: TaskScoring): RunRecord[] {
  const nll = evaluation.loss.reduce((sum, x) => sum + x, 0);
  const tokens = evaluation.count.reduce((sum, x) => sum + x, 0);
  const rows = judged.rows.test.map((_, i) => ({
    numerator: evaluation.loss[i] ?? 0,
    denominator: evaluation.count[i] ?? 0,
  }));
  const random = randomStream(`vflair/judge/${pipeline.seed}/${pipeline.name}/perplexity`);
  const interval = bootstrapRatio(rows, { random });
  const bytes = judged.rows.test.reduce((sum, row) => sum + judgedBytes(judged, row), 0);
  const n = rows.length;
  const value = perplexity({ nll, tokens, bytes });
  const bits = bitsPerByte({ nll, tokens, bytes });
  const cell = cellOf(pipeline);
  return [
    makeRecord(planDigest, cell, {
      kind: 'task',
      name: 'perplexity',
      value,
      low: interval ? Math.exp(interval.low) : null,
      high: interval ? Math.exp(interval.high) : null,
      n,
      tokens,
      unit: 'per token',
      at: 'test',
    }),
    makeRecord(planDigest, cell, {
      kind: 'task',
      name: 'bits-per-byte',
      value: bits,
      n,
      tokens,
      unit: 'bits',
      at: 'test',
    }),
  ];
}

function judgedBytes({ model }: Judged, row: EncodedRow): number {
  return new TextEncoder().encode(model.encoder.decode(row.ids)).length;
}
