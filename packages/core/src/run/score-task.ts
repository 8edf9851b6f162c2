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

function classificationRecords(scoring: TaskScoring): RunRecord[] {
  const { planDigest, pipeline, judged } = scoring;
  const labels = judged.rows.test.map(({ label }) => label ?? 0);
  return guessesOf(scoring, labels).map(({ kind, name, predicted }) =>
    makeRecord(planDigest, cellOf(pipeline), {
      kind,
      name,
      ...(kind === 'baseline' ? { of: 'accuracy' } : {}),
      ...rate(predicted.filter((label, i) => label === labels[i]).length, labels.length),
      unit: 'fraction',
      at: 'test',
    }),
  );
}

interface ClassGuesses {
  readonly kind: 'task' | 'baseline';
  readonly name: string;
  readonly predicted: readonly number[];
}

/** The model's guesses, and those that need no model: the commonest class, a bag of words, no server. */
function guessesOf(
  { judged, evaluation, withoutBody }: TaskScoring,
  labels: readonly number[],
): ClassGuesses[] {
  const { train, test } = judged.rows;
  const trainLabels = train.map(({ label }) => label ?? 0);
  const common = majority(trainLabels.length > 0 ? trainLabels : labels)?.label ?? 0;
  const baseline = (name: string, predicted: readonly number[]): ClassGuesses => ({
    kind: 'baseline',
    name,
    predicted,
  });
  const majorityGuess = baseline(
    'majority',
    labels.map(() => common),
  );
  return [
    { kind: 'task', name: 'accuracy', predicted: evaluation.predicted },
    majorityGuess,
    ...(train.length > 0 ? [baseline('naive-bayes', test.map(bagOfWords(judged)))] : []),
    ...(withoutBody ? [baseline('without-body', withoutBody)] : []),
  ];
}

function bagOfWords({ rows, model }: Judged): (row: EncodedRow) => number {
  const bayes = fitNaiveBayes(
    rows.train.map((row) => ({ ids: ownIds(row), label: row.label ?? 0 })),
    { classes: rows.classes.length, vocabulary: model.spec.vocabulary },
  );
  return (row) => bayes(ownIds(row));
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
