import { floatTensor, intTensor } from '@vflair/core/tensor';
import { contextOf, defenseKit } from '@vflair/core/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import sparsify, { largest } from './sparsify.js';

for (const rate of [0.9, 0.5, 0.05]) {
  for (const { name, run } of defenseKit(sparsify, { test: import.meta.url, params: { rate } })) {
    test(`${name} (rate ${rate})`, run);
  }
}

const values = fc.float32Array({ minLength: 1, maxLength: 40, noNaN: true });

test('each token keeps exactly ⌈(1 − rate)·d⌉ coordinates, and none that is smaller than one it drops', () => {
  fc.assert(
    fc.property(values, fc.integer({ min: 0, max: 19 }), (data, twentieths) => {
      const tensor = floatTensor([1, 1, data.length], data);
      const rate = twentieths / 20;
      const context = contextOf(sparsify, { rate }, { mask: intTensor([1, 1], [1]) });
      const ones = floatTensor(tensor.shape, new Float32Array(data.length).fill(1));
      const kept = sparsify.backward?.(ones, sparsify.apply(tensor, context), tensor, context).data;
      const keep = Math.ceil(((20 - twentieths) * data.length) / 20);
      expect(kept?.reduce((sum, x) => sum + x, 0)).toBe(keep);
      const sizes = (wanted: number) =>
        [...data.map(Math.abs)].filter((_, j) => kept?.[j] === wanted);
      expect(Math.min(...sizes(1))).toBeGreaterThanOrEqual(Math.max(0, ...sizes(0)));
    }),
  );
});

test('ties go to the lower index', () => {
  expect(largest(Float32Array.of(1, -2, 2, 2, 0), 2)).toEqual([1, 2]);
  expect(largest(Float32Array.of(0, 0, 0), 2)).toEqual([0, 1]);
});

test('tokens are cut one by one, padding is not sent', () => {
  const tensor = floatTensor([1, 3, 2], Float32Array.of(1, -9, 7, 3, 5, 6));
  const context = contextOf(sparsify, { rate: 0.5 }, { mask: intTensor([1, 3], [1, 1, 0]) });
  expect([...sparsify.apply(tensor, context).data]).toEqual([0, -9, 7, 0, 0, 0]);
});

test('nothing is claimed', () => {
  expect(sparsify.claim({ rate: 0.9 })).toMatchObject({ mechanism: 'none', epsilon: null });
});
