import fc from 'fast-check';
import { expect, test } from 'vitest';
import { appended } from './append.js';
import { GrowingRows } from './growing-rows.js';
import { floatTensor, zeros } from './tensor.js';

test('rows are those that were added, in order, however many at once', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 8 }), (counts) => {
      const rows = new GrowingRows([2, 3]);
      let expected = zeros([1, 0, 2, 3]);
      for (const [i, count] of counts.entries()) {
        const data = Float32Array.from({ length: count * 6 }, (_, k) => 1000 * i + k);
        const added = floatTensor([1, count, 2, 3], data);
        rows.append(added);
        expected = appended(expected, added);
      }
      expect(rows.tensor).toEqual(expected);
    }),
  );
});

test('a view taken earlier stays as it was', () => {
  const rows = new GrowingRows([1]);
  rows.append(floatTensor([1, 1, 1], Float32Array.of(1)));
  const before = rows.tensor;
  for (let i = 2; i < 40; i++) rows.append(floatTensor([1, 1, 1], Float32Array.of(i)));
  expect(before).toEqual(floatTensor([1, 1, 1], Float32Array.of(1)));
});

test('rows of another width or of a batch are refused', () => {
  const rows = new GrowingRows([2]);
  expect(() => rows.append(zeros([1, 1, 3]))).toThrow('VF902');
  expect(() => rows.append(zeros([2, 1, 2]))).toThrow('VF902');
});
