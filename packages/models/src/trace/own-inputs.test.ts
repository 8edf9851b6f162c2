import { floatTensor, intTensor } from '@vflair/core/tensor';
import { present } from '@vflair/core/text';
import { expect, test } from 'vitest';
import xlnet from '../families/xlnet.js';
import { hasOwn, type InputReader, readOwnInputs } from './own-inputs.js';

const spec = xlnet.read({ d_model: 4, n_head: 2, n_layer: 1, d_inner: 4, vocab_size: 7 }, 'lm');
const sizes = () =>
  new Map([
    ['batch', 2],
    ['seq', 3],
  ]);

/** A file that has float tensors of these shapes, and token types. */
function fileOf(shapes: { readonly [name: string]: readonly number[] }): InputReader {
  const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
  return {
    has: (name) => name in shapes,
    int: (name) => {
      const shape = present(shapes[name], name);
      return intTensor(shape, new BigInt64Array(size(shape)));
    },
    number: (name) => {
      const shape = present(shapes[name], name);
      return floatTensor(shape, new Float32Array(size(shape)));
    },
  };
}

test('what the file has is read, and gives sizes their names', () => {
  const known = sizes();
  const found = readOwnInputs(
    fileOf({ target_mapping: [2, 1, 3], token_type_ids: [2, 3], other: [1] }),
    spec,
    known,
  );
  expect(Object.entries(found).map(([name, { dtype }]) => [name, dtype])).toEqual([
    ['target_mapping', 'float32'],
    ['token_type_ids', 'int64'],
  ]);
  expect(known.get('target')).toBe(1);
});

test('a shape that does not fit is a finding', () => {
  for (const shape of [
    [2, 3],
    [2, 3, 4],
    [1, 3, 3],
  ])
    expect(() => readOwnInputs(fileOf({ perm_mask: shape }), spec, sizes())).toThrow('perm_mask');
});

test('a family knows its own inputs', () => {
  expect(hasOwn(spec, 'perm_mask')).toBe(true);
  expect(hasOwn(spec, 'pixel_values')).toBe(false);
});
