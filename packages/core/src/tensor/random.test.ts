import fc from 'fast-check';
import { expect, test } from 'vitest';
import { draw, randomStream } from './random.js';

const sample = (name: string, count = 4): number[] => {
  const random = randomStream(name);
  return Array.from({ length: count }, () => random.uniform());
};

test('a stream depends on its name only', () => {
  expect(sample('a')).toEqual(sample('a'));
  expect(sample('a')).not.toEqual(sample('b'));
});

test('asking for a child stream does not advance the parent, and the order of asking is nothing', () => {
  const parent = randomStream('parent');
  const child = parent.stream('x').uniform();
  parent.stream('y').uniform();
  expect(parent.uniform()).toBe(sample('parent')[0]);
  expect(parent.stream('x').uniform()).toBe(child);
});

// Of n draws, a mean strays more than 5/√n standard deviations once in 1.7 million; names fix the draws.
test('uniform and normal numbers have the moments they should', () => {
  const n = 40_000;
  const random = randomStream('moments');
  const uniforms = Array.from({ length: n }, random.uniform);
  const normals = Array.from({ length: n }, random.normal);
  const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / n;
  const bound = 5 / Math.sqrt(n);
  expect(Math.abs(mean(uniforms) - 0.5)).toBeLessThan(bound * Math.sqrt(1 / 12));
  expect(Math.abs(mean(uniforms.map((x) => x * x)) - 1 / 3)).toBeLessThan(
    bound * Math.sqrt(4 / 45),
  );
  expect(Math.abs(mean(normals))).toBeLessThan(bound);
  expect(Math.abs(mean(normals.map((x) => x * x)) - 1)).toBeLessThan(bound * Math.sqrt(2));
  expect(Math.abs(mean(normals.map((x) => x ** 4)) - 3)).toBeLessThan(bound * Math.sqrt(96));
  expect(Math.min(...uniforms)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...uniforms)).toBeLessThan(1);
});

test('a draw has distinct members of the range, all of them when enough are asked for', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 20 }),
      fc.integer({ min: 0, max: 25 }),
      (below, count) => {
        const items = draw(randomStream(`${below}/${count}`), below, count);
        expect(items).toHaveLength(Math.min(below, count));
        expect(new Set(items).size).toBe(items.length);
        expect(items.every((item) => Number.isInteger(item) && item >= 0 && item < below)).toBe(
          true,
        );
      },
    ),
    { seed: 5 },
  );
});

test('every order of three is drawn about equally often', () => {
  const counts = new Map<string, number>();
  const random = randomStream('orders');
  for (let i = 0; i < 6000; i++) {
    const order = draw(random, 3).join('');
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  // χ² with 5 degrees of freedom exceeds 30 once in 70 thousand.
  const excess = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
  expect(counts.size).toBe(6);
  expect(excess).toBeLessThan(30);
});
