import fc from 'fast-check';
import { expect, test } from 'vitest';
import { asFloat, asInt, floatTensor, intTensor, rows, sizeOf, zeros } from './tensor.js';

const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });

test('a tensor has as many elements as its shape says', () => {
  fc.assert(
    fc.property(shapes, (shape) => {
      const size = sizeOf(shape);
      expect(zeros(shape).data).toHaveLength(size);
      expect(() => floatTensor(shape, new Float32Array(size + 1))).toThrow('VF902');
      expect(() => intTensor(shape, new BigInt64Array(size + 1))).toThrow('VF902');
    }),
    { seed: 4 },
  );
});

test('integers come from numbers or from what already is 64 bits wide', () => {
  expect(intTensor([2], [1, -2]).data).toEqual(BigInt64Array.of(1n, -2n));
  const wide = BigInt64Array.of(3n);
  expect(intTensor([1], wide).data).toBe(wide);
});

test('a tensor of another type is refused', () => {
  expect(() => asFloat(intTensor([0], []))).toThrow('VF903');
  expect(() => asInt(zeros([1]))).toThrow('VF903');
});

test('rows are a view on the same memory', () => {
  const x = floatTensor([3, 2], Float32Array.of(0, 1, 2, 3, 4, 5));
  const part = rows(x, 1, 3);
  expect(part).toEqual(floatTensor([2, 2], Float32Array.of(2, 3, 4, 5)));
  part.data[0] = 9;
  expect(x.data[2]).toBe(9);
});
