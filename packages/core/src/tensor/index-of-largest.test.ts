import { expect, test } from 'vitest';
import { indexOfLargest } from './index-of-largest.js';

test('the first of the largest values', () => {
  expect(indexOfLargest([1, 3, 2, 3])).toBe(1);
  expect(indexOfLargest(Float32Array.of(-5, -2, Number.NEGATIVE_INFINITY))).toBe(1);
  expect(indexOfLargest([])).toBe(0);
});
