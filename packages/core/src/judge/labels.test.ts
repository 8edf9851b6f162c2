import fc from 'fast-check';
import { expect, test } from 'vitest';
import { randomStream } from '../tensor/index.js';
import { agree, referenceCases } from '../testing/index.js';
import { largestAssignment } from './assignment.js';
import {
  bestPermutationAccuracy,
  labelAccuracy,
  rarerClass,
  shuffledPermutationAccuracy,
} from './labels.js';
import { majority } from './majority.js';

interface Inputs {
  readonly truth: readonly number[];
  readonly predicted: readonly number[];
  readonly classes: number;
}
const cases = referenceCases<Inputs, { accuracy: number; plain: number }>('permutation');

test.skipIf(!cases)('best-permutation accuracy agrees with the recorded cases', () => {
  expect(cases?.length).toBeGreaterThan(5);
  for (const { id, inputs, expected } of cases ?? []) {
    expect(agree(bestPermutationAccuracy(inputs), expected.accuracy, 1e-12), id).toBe(true);
    expect(agree(labelAccuracy(inputs), expected.plain, 1e-12), id).toBe(true);
  }
});

function permutations(items: readonly number[]): number[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item) =>
    permutations(items.filter((other) => other !== item)).map((rest) => [item, ...rest]),
  );
}

test('the assignment is the best of all permutations', () => {
  const matrices = fc.integer({ min: 1, max: 5 }).chain((n) =>
    fc.array(fc.array(fc.integer({ min: -9, max: 9 }), { minLength: n, maxLength: n }), {
      minLength: n,
      maxLength: n,
    }),
  );
  fc.assert(
    fc.property(matrices, (weights) => {
      const sums = permutations([...weights.keys()]).map((columns) =>
        columns.reduce((sum, column, row) => sum + (weights[row]?.[column] ?? 0), 0),
      );
      expect(largestAssignment(weights)).toBe(Math.max(...sums));
    }),
    { seed: 2 },
  );
  expect(largestAssignment([])).toBe(0);
});

test('an abstention is wrong, and no rows have no accuracy', () => {
  const pairs = { truth: [0, 1, 1, 0], predicted: [0, 1, null, null], classes: 2 };
  expect(labelAccuracy(pairs)).toBe(0.5);
  expect(bestPermutationAccuracy(pairs)).toBe(0.5);
  expect(labelAccuracy({ truth: [], predicted: [], classes: 2 })).toBeNull();
});

test('the best permutation of random guesses is above chance, as its control says', () => {
  const rng = randomStream('guesses');
  const draw = () => Array.from({ length: 20 }, () => rng.integer(2));
  const pairs = { truth: draw(), predicted: draw(), classes: 2 };
  const chance = shuffledPermutationAccuracy(pairs, randomStream('shuffles')) ?? 0;
  expect(chance).toBeGreaterThan(0.52);
  expect(chance).toBeLessThan(0.68);
});

test('majority and rarer class break ties as they say', () => {
  expect(majority([2, 1, 1, 2, 0])).toEqual({ label: 1, share: 0.4 });
  expect(majority([])).toBeNull();
  expect(rarerClass([0, 0, 1])).toBe(1);
  expect(rarerClass([0, 1])).toBe(1);
  expect(rarerClass([1, 1, 0])).toBe(0);
  expect(rarerClass([])).toBeNull();
});
