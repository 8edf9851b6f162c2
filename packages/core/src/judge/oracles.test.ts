import { expect, test } from 'vitest';
import { totalVariation } from '../privacy/index.js';
import { randomStream } from '../tensor/index.js';
import { ceilingOracle } from './ceiling.js';
import { decoyLabelScores, decoyLabels, decoyTokens } from './decoy.js';
import { oracleError } from './oracle.js';
import { repairing } from './repairing.js';
import type { Truth, TruthRow } from './truth.js';

const error = oracleError(5);

function rowOf(row: number, ids: readonly number[]): TruthRow {
  const all = ids.map(() => true);
  return { step: 0, row, rowId: `${row}`, ids, mask: all, userMask: all, label: null };
}

function texts(count: number, name: string): number[][] {
  const rng = randomStream(name);
  // Every text ends with the same token, as sentences do: length alone gives it away.
  return Array.from({ length: count }, (_, i) => {
    const length = 4 + (i % 5);
    return Array.from({ length }, (_, k) => (k === length - 1 ? 9 : rng.integer(6)));
  });
}

function decoy(real: readonly (readonly number[])[], guessed: readonly (readonly number[])[]) {
  const truth: Truth = {
    rows: real.map((ids, row) => rowOf(row, ids)),
    vocabulary: 10,
    classes: 0,
    padding: null,
    unknown: null,
  };
  const tokens = guessed.map((ids, row) => ({ step: 0, row, tokens: ids }));
  return decoyTokens({ attack: 'x', truth, tokens, random: randomStream('oracle'), error });
}

test('guesses about other texts of the same lengths are no better than re-paired ones', () => {
  for (let k = 0; k < 5; k++) {
    const result = decoy(texts(40, `real ${k}`), texts(40, `decoy ${k}`));
    expect(result).toMatchObject({ name: 'decoy-tokens', ok: true, n: 40, bound: error });
    expect(result.value).toBeGreaterThan(0.01);
  }
});

test('a leak of a third of the tokens is caught', () => {
  const real = texts(40, 'real');
  const other = texts(40, 'other');
  const leaked = real.map((ids, i) =>
    ids.map((id, k) => (k % 3 === 0 ? id : (other[i]?.[k] ?? 0))),
  );
  const result = decoy(real, leaked);
  expect(result.ok).toBe(false);
  expect(result.value).toBeLessThan(error);
});

test('rows alone in their length are not tested, and the result says so', () => {
  const lone = decoy([[1], [1, 2], [1, 2, 3]], [[1], [1, 2], [1, 2, 3]]);
  expect(lone).toMatchObject({ value: null, ok: true, n: 0 });
  expect(lone.text).toBe('not tested: no two rows of one length');
  const few = decoy(
    [
      [1, 2],
      [3, 4],
    ],
    [
      [1, 2],
      [3, 4],
    ],
  );
  expect(few.text).toBe('too few rows of one length to be significant');
});

test('the p-value of three distinguishable rows is one in six', () => {
  const pairing = { groups: [[0, 1, 2]], score: (a: number, b: number) => (a === b ? 1 : 0) };
  const result = repairing(pairing, randomStream('p'), { pairings: 20_000, enough: 20_001 });
  expect(result?.p).toBeCloseTo(1 / 6, 2);
  expect(result?.smallest).toBeCloseTo(1 / 6, 12);
});

test('permuted labels: right guesses are caught, others are not', () => {
  const rng = randomStream('labels');
  const truth = Array.from({ length: 60 }, () => rng.integer(2));
  const other = Array.from({ length: 60 }, () => rng.integer(2));
  expect(decoyLabels(truth, truth, rng, error).ok).toBe(false);
  expect(decoyLabels(truth, other, rng, error).ok).toBe(true);
  const rows = truth.map((label, i) => ({ rowId: `${i}`, positive: label === 1, score: label }));
  expect(decoyLabelScores(rows, rng, 1e-2).ok).toBe(false);
  const noise = rows.map((row) => ({ ...row, score: rng.normal() }));
  expect(decoyLabelScores(noise, rng, 1e-2).ok).toBe(true);
});

const claim = {
  mechanism: 'gaussian',
  unit: 'sequence',
  neighbouring: '',
  epsilon: 1,
  delta: 1e-5,
  sensitivity: 1,
  scale: 4,
} as const;
const variation = totalVariation(claim) ?? 1;

test('accuracy above the ceiling fails, accuracy below it does not', () => {
  const truth = Array.from({ length: 400 }, (_, i) => i % 2);
  const nearly = truth.map((label, i) => (i % 20 < 2 ? 1 - label : label));
  const chance = truth.map((_, i) => (i % 4 < 2 ? 0 : 1));
  const broken = ceilingOracle({ truth, predicted: nearly, variation, error });
  expect(broken.ok).toBe(false);
  expect(broken.value).toBeGreaterThan(0.75);
  expect(broken.bound).toBeCloseTo((1 + variation) / 2, 12);
  expect(ceilingOracle({ truth, predicted: chance, variation, error }).ok).toBe(true);
});

test('what lengths tell is granted, and said', () => {
  const truth = Array.from({ length: 400 }, (_, i) => i % 2);
  const lengths = truth.map((label, i) => (i % 20 < 4 ? 12 : 10 + label));
  const predicted = truth.map((label, i) => (i % 20 < 4 ? 0 : label));
  expect(ceilingOracle({ truth, predicted, variation, error }).ok).toBe(false);
  const granted = ceilingOracle({ truth, predicted, lengths, variation, error });
  expect(granted.ok).toBe(true);
  // Four fifths of each class are given away by length, the rest is bounded by the release.
  expect(granted.bound).toBeCloseTo(0.8 + 0.2 * ((1 + variation) / 2), 12);
  expect(granted.text).toContain('for rows of one length');
});
