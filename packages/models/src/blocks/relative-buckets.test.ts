import { expect, test } from 'vitest';
import { bucketTable } from './relative-buckets.js';

// Worked out by hand: 4 exact distances, then 4 + ⌊ln(d/4)/ln(5)·4⌋ = 4, 4, 5, 5, 5, … up to 7 from 20·5^(−1/4) ≈ 13.4 on.
test('of eight buckets for keys before the query four hold one distance each, the others grow', () => {
  const table = bucketTable({ count: 8, maxDistance: 20, isBidirectional: false });
  const behind = table.slice(0, 21).reverse();
  expect(behind).toEqual([0, 1, 2, 3, 4, 4, 5, 5, 5, 6, 6, 6, 6, 6, 7, 7, 7, 7, 7, 7, 7]);
  expect(table.slice(21)).toEqual(Array.from({ length: 20 }, () => 0));
});

test('in both directions each has half of the buckets', () => {
  const table = bucketTable({ count: 8, maxDistance: 20, isBidirectional: true });
  const behind = table.slice(0, 21).reverse();
  expect(behind.slice(0, 3)).toEqual([0, 1, 2]);
  expect(table.slice(21)).toEqual(behind.slice(1).map((bucket) => bucket + 4));
  expect(Math.max(...table)).toBe(7);
});

test.each([
  { count: 32, maxDistance: 128 },
  { count: 7, maxDistance: 11 },
  { count: 64, maxDistance: 1000 },
])('buckets never shrink with distance and end in the last: %j', (numbers) => {
  for (const isBidirectional of [true, false]) {
    const table = bucketTable({ ...numbers, isBidirectional });
    const behind = table.slice(0, numbers.maxDistance + 1).reverse();
    expect(behind).toEqual(behind.toSorted((a, b) => a - b));
    const own = isBidirectional ? Math.floor(numbers.count / 2) : numbers.count;
    expect(behind.at(-1)).toBe(own - 1);
  }
});

test('numbers that leave no buckets are a finding', () => {
  for (const numbers of [
    { count: 2, maxDistance: 128, isBidirectional: true },
    { count: 32, maxDistance: 8, isBidirectional: true },
  ])
    expect(() => bucketTable(numbers)).toThrow('buckets do not reach');
});
