import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addDims, broadcastShapes, dimOf, multiplyDims, normalAxis, staticDim } from './shapes.js';

const sizes = fc.array(fc.constantFrom(1, 2, 3), { maxLength: 4 });

test('a shape stretches to itself, and either side may be the narrow one', () => {
  fc.assert(
    fc.property(sizes, (shape) => {
      const narrow = shape.map((size, i) => (i % 2 === 0 ? 1 : size)).slice(1);
      expect(broadcastShapes(shape, shape)).toEqual(shape);
      expect(broadcastShapes(shape, narrow)).toEqual(shape);
      expect(broadcastShapes(narrow, shape)).toEqual(shape);
    }),
    { seed: 3 },
  );
});

test('names stretch like sizes, and only equal ones meet', () => {
  expect(broadcastShapes(['batch', 1, 4], ['seq', 1])).toEqual(['batch', 'seq', 4]);
  expect(() => broadcastShapes(['batch'], ['seq'])).toThrow('VF912');
  expect(() => broadcastShapes([2], [3])).toThrow('VF912');
});

test('axes count from both ends and stop there', () => {
  expect([normalAxis(1, 3), normalAxis(-1, 3)]).toEqual([1, 2]);
  expect(() => normalAxis(3, 3)).toThrow('VF913');
  expect(() => normalAxis(-4, 3)).toThrow('VF913');
});

test('a size is a number only where it is known', () => {
  const value = { name: 'x', dtype: 'float32', shape: ['batch', 4] } as const;
  expect([dimOf(value, 0), staticDim(value, -1)]).toEqual(['batch', 4]);
  expect(() => staticDim(value, 0)).toThrow('VF914');
});

test('sums and products of sizes are numbers where all are', () => {
  expect([addDims(2, 3), addDims('past', 'seq'), addDims(0, 'seq'), addDims('seq', 0)]).toEqual([
    5,
    'past+seq',
    'seq',
    'seq',
  ]);
  expect([multiplyDims([2, 3]), multiplyDims(['batch', 2, 'seq', 3]), multiplyDims([])]).toEqual([
    6,
    '6*batch*seq',
    1,
  ]);
  expect(multiplyDims(['past+seq', 2])).toBe('2*(past+seq)');
});
