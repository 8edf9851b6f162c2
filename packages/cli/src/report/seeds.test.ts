import fc from 'fast-check';
import { expect, test } from 'vitest';
import { meanOverSeeds, studentBound, studentCentral } from './seeds.js';

// Two-sided 5 % points as printed in every table of Student's distribution, to three decimals.
const table: readonly (readonly [nu: number, t: number])[] = [
  [1, 12.706],
  [2, 4.303],
  [3, 3.182],
  [4, 2.776],
  [9, 2.262],
  [10, 2.228],
  [30, 2.042],
  [120, 1.98],
];

test.each(table)('the 95 %% bound at %i degrees of freedom is %f', (nu, t) => {
  expect(studentBound(nu)).toBeCloseTo(t, 3);
});

test('one degree of freedom is the Cauchy distribution', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e3, noNaN: true }), (t) => {
      expect(studentCentral(t, 1)).toBeCloseTo((2 / Math.PI) * Math.atan(t), 12);
    }),
  );
});

test('two seeds give the interval of the textbook', () => {
  // mean 2, s = √2, half width 12.706·√2/√2
  const { mean, low, high } = meanOverSeeds([1, 3]);
  expect(mean).toBe(2);
  expect(low).toBeCloseTo(2 - 12.706, 3);
  expect(high).toBeCloseTo(2 + 12.706, 3);
});

test('one seed has no interval', () => {
  expect(meanOverSeeds([0.5])).toEqual({ mean: 0.5, low: null, high: null });
});
