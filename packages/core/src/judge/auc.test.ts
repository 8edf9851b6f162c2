import { expect, test } from 'vitest';
import { randomStream } from '../tensor/index.js';
import { agree, referenceCases } from '../testing/index.js';
import {
  aucIntervals,
  aucPermutation,
  leakAuc,
  midRanks,
  orientedAuc,
  ranksWithinMessages,
  type ScoredRow,
} from './auc.js';

interface Inputs {
  readonly labels: readonly number[];
  readonly scores: readonly number[];
}
const cases = referenceCases<Inputs, { auc: number | null; leakAuc: number | null }>('roc-auc');

function rowsOf({ labels, scores }: Inputs): ScoredRow[] {
  return scores.map((score, i) => ({ score, positive: labels[i] === 1, rowId: `${i}` }));
}

test.skipIf(!cases)(
  'the area agrees with the recorded cases, ties and single classes included',
  () => {
    expect(cases?.length).toBeGreaterThan(8);
    for (const { id, inputs, expected } of cases ?? []) {
      const auc = orientedAuc(rowsOf(inputs));
      expect(agree(auc, expected.auc, 1e-12), id).toBe(true);
      expect(agree(leakAuc(auc), expected.leakAuc, 1e-12), id).toBe(true);
    }
  },
);

function noise(count: number, shift: number, name: string): ScoredRow[] {
  const rng = randomStream(name);
  return Array.from({ length: count }, (_, i) => ({
    score: rng.normal() + (i % 4 === 0 ? shift : 0),
    positive: i % 4 === 0,
    rowId: `${i}`,
  }));
}

test('equal scores share their ranks', () => {
  expect(midRanks([5, 1, 5, 9])).toEqual([2.5, 1, 2.5, 4]);
  expect(midRanks([])).toEqual([]);
});

test('places within a message do not depend on its scale', () => {
  const scores = [
    { step: 0, score: 1 },
    { step: 1, score: 300 },
    { step: 0, score: 2 },
    { step: 1, score: 100 },
  ];
  expect(ranksWithinMessages(scores)).toEqual([0.25, 0.75, 0.75, 0.25]);
});

test('the leak AUC of noise is as biased as the theory says', () => {
  // E max(A, 1 − A) ≈ ½ + √(2/π)·√((n + 1)/(12·n₊·n₋)), normal approximation: 0.564 at n = 100 with 25 positives.
  const test100 = aucPermutation(noise(100, 0, 'null'), randomStream('permutations'), 2000);
  expect(test100?.meanLeak).toBeCloseTo(0.5 + Math.sqrt(2 / Math.PI) * Math.sqrt(101 / 22500), 2);
});

test('permutation p-values are small for a signal and uniform enough for noise', () => {
  expect(aucPermutation(noise(80, 1.5, 'signal'), randomStream('p'), 999)?.p).toBe(0.001);
  const values = Array.from({ length: 60 }, (_, k) =>
    aucPermutation(noise(40, 0, `null ${k}`), randomStream(`p ${k}`), 199),
  ).map((result) => result?.p ?? 1);
  expect(values.filter((p) => p <= 0.5).length).toBeGreaterThan(18);
  expect(values.filter((p) => p <= 0.05).length).toBeLessThan(10);
  expect(aucPermutation(noise(1, 0, 'one'), randomStream('p'))).toBeNull();
});

test('the interval has the width that Hanley and McNeil give for the AUC', () => {
  const rows = noise(400, 1, 'interval');
  const auc = orientedAuc(rows) ?? 0;
  const [q1, q2] = [auc / (2 - auc), (2 * auc * auc) / (1 + auc)];
  const [positives, negatives] = [100, 300];
  const variance =
    (auc * (1 - auc) + (positives - 1) * (q1 - auc ** 2) + (negatives - 1) * (q2 - auc ** 2)) /
    (positives * negatives);
  const { auc: interval } = aucIntervals(rows, { random: randomStream('b') }) ?? {};
  expect((interval?.standardError ?? 0) / Math.sqrt(variance)).toBeCloseTo(1, 0.6);
  expect(interval?.low).toBeLessThan(auc);
  expect(interval?.high).toBeGreaterThan(auc);
});

test('a row seen in several messages is resampled as one', () => {
  const once = noise(60, 1, 'clusters');
  const thrice = [...once, ...once, ...once];
  const width = (rows: ScoredRow[]) =>
    aucIntervals(rows, { random: randomStream('b') })?.auc.standardError;
  expect(width(thrice)).toBeCloseTo(width(once) ?? -1, 10);
  expect(aucPermutation(thrice, randomStream('p'), 99)).toEqual(
    aucPermutation(once, randomStream('p'), 99),
  );
});

test('a permutation test that stops early gives nearly the p of the long one', () => {
  const rows = noise(60, 0.2, 'early');
  const long = aucPermutation(rows, randomStream('long'), 20000);
  const early = aucPermutation(rows, randomStream('early'), 20000, 200);
  // The early p has a relative error of about 1/√200 = 7 %.
  expect(Math.abs((early?.p ?? 0) / (long?.p ?? 1) - 1)).toBeLessThan(0.3);
});
