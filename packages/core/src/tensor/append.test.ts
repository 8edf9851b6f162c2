import { expect, test } from 'vitest';
import { appended } from './append.js';
import { floatTensor, intTensor, zeros } from './tensor.js';

test('rows of each batch entry follow one another', () => {
  const before = floatTensor([2, 1, 2], Float32Array.of(1, 2, 3, 4));
  const added = floatTensor([2, 2, 2], Float32Array.of(5, 6, 7, 8, 9, 10, 11, 12));
  const all = appended(before, added);
  expect(all.shape).toEqual([2, 3, 2]);
  expect([...all.data]).toEqual([1, 2, 5, 6, 7, 8, 3, 4, 9, 10, 11, 12]);
});

test('nothing before, and whole numbers', () => {
  const mask = appended(intTensor([2, 0], []), intTensor([2, 1], [1, 0]));
  expect(mask).toEqual(intTensor([2, 1], [1, 0]));
  expect(appended(zeros([1, 0, 3]), zeros([1, 0, 3])).shape).toEqual([1, 0, 3]);
});

test('what does not fit is refused', () => {
  expect(() => appended(zeros([1, 1, 3]), zeros([1, 1, 2]))).toThrow('VF902');
  expect(() => appended(zeros([1, 1]), zeros([2, 1]))).toThrow('VF902');
});
