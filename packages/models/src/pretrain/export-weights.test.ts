import { floatTensor } from '@vflair/core/tensor';
import { expect, test } from 'vitest';
import { equalRows, exportHalf } from './export-weights.js';

test('rows that float16 cannot tell apart are found', () => {
  // Between 1 and 2 float16 has steps of 2⁻¹⁰: 1.0001 rounds to 1.
  expect(equalRows(floatTensor([3, 2], Float32Array.of(1, 2, 3, 4, 1.0001, 2)))).toEqual([0, 2]);
  expect(equalRows(floatTensor([3, 2], Float32Array.of(1, 2, 3, 4, 1.001, 2)))).toBeUndefined();
});

test('a table with equal rows is not exported', () => {
  const weights = new Map([['wte', floatTensor([2, 1], Float32Array.of(1, 1.0001))]]);
  const write = () =>
    exportHalf('/nowhere/model.safetensors', weights, { table: 'wte', metadata: {} });
  expect(write).toThrow('VF549');
});
