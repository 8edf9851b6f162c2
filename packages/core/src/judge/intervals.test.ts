import { expect, test } from 'vitest';
import { randomStream } from '../tensor/index.js';
import { agree, referenceCases } from '../testing/index.js';
import { boundaryNote, estimateRate, estimateTokens, oneRowNote } from './estimate.js';
import { bootstrapDifference, bootstrapRatio, wilson } from './intervals.js';
import type { RowRatio } from './ratio.js';

interface Inputs {
  readonly kind: string;
  readonly successes: number;
  readonly trials: number;
  readonly confidence: number;
  readonly values: readonly number[];
}
interface Expected {
  readonly low: number;
  readonly high: number;
  readonly percentile95: readonly [number, number];
  readonly percentile90: readonly [number, number];
  readonly standardError: number;
  readonly distribution: {
    readonly mean: readonly number[];
    readonly probability: readonly number[];
  };
}
const cases = referenceCases<Inputs, Expected>('intervals');
const rates = (cases ?? []).filter(({ inputs }) => inputs.kind === 'bootstrap-rate');
const exact = (cases ?? []).filter(({ inputs }) => inputs.kind === 'bootstrap-exact');

test.skipIf(!cases)('Wilson intervals agree with the recorded ones', () => {
  const rows = (cases ?? []).filter(({ inputs }) => inputs.kind === 'wilson');
  expect(rows.length).toBeGreaterThan(20);
  for (const { id, inputs, expected } of rows) {
    const interval = wilson(inputs.successes, inputs.trials, inputs.confidence);
    expect(agree(interval?.low ?? null, expected.low, 1e-9), id).toBe(true);
    expect(agree(interval?.high ?? null, expected.high, 1e-9), id).toBe(true);
  }
  expect(wilson(0, 0)).toBeNull();
});

test.skipIf(!cases)('a sampled bootstrap of a rate has the exact ends to one sample', () => {
  expect(rates.length).toBeGreaterThan(2);
  for (const { id, inputs, expected } of rates) {
    const rows = Array.from({ length: inputs.trials }, (_, i) => ({
      numerator: i < inputs.successes ? 1 : 0,
      denominator: 1,
    }));
    const random = randomStream(id);
    const interval = bootstrapRatio(rows, { random, resamples: 10_000 });
    const step = 1 / inputs.trials + 1e-9;
    expect(Math.abs((interval?.low ?? 9) - expected.percentile95[0]), id).toBeLessThan(step);
    expect(Math.abs((interval?.high ?? 9) - expected.percentile95[1]), id).toBeLessThan(step);
    expect((interval?.standardError ?? 0) / expected.standardError).toBeCloseTo(1, 1.3);
  }
});

function quantile({ mean, probability }: Expected['distribution'], level: number): number {
  const sums = probability.map((_, i) => probability.slice(0, i + 1).reduce((a, b) => a + b, 0));
  const index = sums.findIndex((sum) => sum >= level - 1e-12);
  return mean[index === -1 ? mean.length - 1 : index] ?? Number.NaN;
}

test.skipIf(!cases)('a sampled bootstrap of a few numbers finds the enumerated ends', () => {
  expect(exact.length).toBeGreaterThan(3);
  for (const { id, inputs, expected } of exact) {
    const rows = inputs.values.map((numerator) => ({ numerator, denominator: 1 }));
    for (const [confidence, ends] of [
      [0.95, expected.percentile95],
      [0.9, expected.percentile90],
    ] as const) {
      const random = randomStream(`${id} ${confidence}`);
      const interval = bootstrapRatio(rows, { random, resamples: 10_000, confidence });
      const outside = (1 - confidence) / 2;
      expect(quantile(expected.distribution, outside)).toBeCloseTo(ends[0], 9);
      expect(quantile(expected.distribution, 1 - outside)).toBeCloseTo(ends[1], 9);
      // 10,000 resamples put a level within 0.01 of where it belongs (more than three standard errors).
      for (const [end, level] of [
        [interval?.low ?? Number.NaN, outside],
        [interval?.high ?? Number.NaN, 1 - outside],
      ] as const) {
        const [from, to] = [level - 0.01, level + 0.01];
        expect(end, id).toBeGreaterThanOrEqual(quantile(expected.distribution, from) - 1e-9);
        expect(end, id).toBeLessThanOrEqual(quantile(expected.distribution, to) + 1e-9);
      }
    }
  }
});

function tokens(pairs: readonly (readonly [number, number])[]): RowRatio[] {
  return pairs.map(([numerator, denominator], i) => ({ rowId: `${i}`, numerator, denominator }));
}

test('a pairing removes what makes a row hard', () => {
  const rng = randomStream('rows');
  const before = tokens(Array.from({ length: 200 }, () => [Math.floor(100 * rng.uniform()), 100]));
  const after = before.map((row) => ({ ...row, numerator: row.numerator - 5 }));
  const paired = bootstrapDifference(before, after, { random: randomStream('paired') });
  expect([paired?.low, paired?.high]).toEqual([
    expect.closeTo(-0.05, 10),
    expect.closeTo(-0.05, 10),
  ]);
  const single = bootstrapRatio(before, { random: randomStream('single') });
  expect((single?.high ?? 0) - (single?.low ?? 0)).toBeGreaterThan(0.05);
  expect(() => bootstrapDifference(before, [], { random: rng })).toThrow('VF974');
});

test('the same stream gives the same interval', () => {
  const rows = tokens([
    [3, 5],
    [1, 9],
    [4, 4],
  ]);
  const once = bootstrapRatio(rows, { random: randomStream('x') });
  expect(bootstrapRatio(rows, { random: randomStream('x') })).toEqual(once);
});

test('where all or nothing is right, Wilson over whole rows stands in for the bootstrap', () => {
  const random = randomStream('edge');
  const all = estimateTokens(
    tokens([
      [5, 5],
      [7, 7],
      [2, 2],
    ]),
    { random },
  );
  expect(all).toEqual({ value: 1, ...wilson(3, 3), n: 3, text: boundaryNote });
  const none = estimateTokens(
    tokens([
      [0, 5],
      [0, 7],
    ]),
    { random },
  );
  expect(none).toEqual({ value: 0, ...wilson(0, 2), n: 2, text: boundaryNote });
});

test('one row has no interval and no tokens have no value', () => {
  const random = randomStream('edge');
  expect(estimateTokens(tokens([[2, 5]]), { random })).toMatchObject({
    value: 0.4,
    low: null,
    high: null,
    text: oneRowNote,
  });
  expect(estimateTokens(tokens([[0, 0]]), { random })).toMatchObject({ value: null, n: 0 });
});

test('a rate over rows seen once is Wilson, over windows it is resampled by row', () => {
  const once = tokens([
    [1, 1],
    [0, 1],
    [1, 1],
    [1, 1],
  ]);
  const random = randomStream('rate');
  expect(estimateRate(once, { random })).toMatchObject({ value: 0.75, ...wilson(3, 4), n: 4 });
  const windows = [...once, ...once, ...once];
  const repeated = estimateRate(windows, { random });
  expect(repeated.n).toBe(4);
  expect(repeated.value).toBe(0.75);
  // Three copies of four rows say no more than the four: far wider than Wilson of 9/12.
  expect(repeated.low).toBeLessThanOrEqual(0.25);
});
