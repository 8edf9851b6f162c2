import type { Cell, RunRecord } from '@vflair/core/contract';

/** The digest of a plan nobody made. */
export const digest = '5e1f'.repeat(16);

/** A cell of the invented run. */
export const cell = (
  pipeline: string,
  defense: readonly string[] = [],
  attack: readonly string[] = [],
): Cell => ({
  pipeline,
  defense,
  attack,
  seed: 60,
  sweep: {},
});

/** A record with the plan's digest and no value unless given. */
export const record = (
  fact: Partial<RunRecord> & Pick<RunRecord, 'cell' | 'kind' | 'name'>,
): RunRecord => ({
  schema: 1,
  plan: digest,
  value: null,
  ...fact,
});

/** A figure with both ends of its interval. */
export type Range = readonly [value: number, low: number, high: number];

/** Accuracy of a pipeline with its three baselines. */
export function taskRecords(where: Cell, [value, low, high]: Range): readonly RunRecord[] {
  const base = (name: string, share: number): RunRecord =>
    record({ cell: where, kind: 'baseline', name, of: 'accuracy', at: 'test', value: share });
  return [
    record({
      cell: where,
      kind: 'task',
      name: 'accuracy',
      at: 'test',
      value,
      low,
      high,
      n: 500,
      unit: 'fraction',
    }),
    base('majority', 0.692),
    base('naive-bayes', 0.951),
    base('without-body', 0.803),
  ];
}

/** Baselines of positional accuracy in one cell. */
const readBaselines = (about: Pick<RunRecord, 'cell'> & Partial<RunRecord>): readonly RunRecord[] =>
  [
    ['prior', 0.0612],
    ['unigram', 0.0391],
    ['wrong-head', 0.0523],
    ['nearest-embedding', 0.118],
  ].map(([name, value]) =>
    record({
      ...about,
      kind: 'baseline',
      name: String(name),
      of: 'positional-accuracy',
      value: Number(value),
    }),
  );

/** Tokens read by one attack, static or adaptive, with its baselines and the measures beside it. */
export function readRecords(
  where: Cell,
  [value, low, high]: Range,
  data: { readonly [key: string]: unknown } = {},
): readonly RunRecord[] {
  const about = {
    cell: where,
    at: 'test',
    data: { adversary: 'curious', ...data },
    unit: 'fraction',
  };
  const failed = typeof data.residualWorse === 'number' && data.residualWorse > 0;
  const note = failed ? { text: 'at least; the attack did not converge' } : {};
  const fact = (name: string, share: number, more: Partial<RunRecord> = {}): RunRecord =>
    record({
      ...about,
      ...more,
      kind: 'attack',
      goal: 'tokens',
      name,
      value: Math.min(1, share),
      n: 200,
      tokens: 9120,
    });
  return [
    fact('positional-accuracy', value, { low, high, ...note }),
    fact('bag-f1', value + 0.02, { low, high }),
    fact('exact-match', value / 4, { low: 0.1, high: 0.3 }),
    fact('reference-recall', value + 0.05),
    record({ ...about, kind: 'baseline', name: 'prior', of: 'reference-recall', value: 0.214 }),
    ...readBaselines(about),
  ];
}
