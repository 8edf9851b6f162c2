import { floatTensor, randomStream } from '@vflair/core/tensor';
import { expect, test } from 'vitest';
import { directions, EmbeddingSpace, lookUp } from './embedding-space.js';

const random = randomStream('embedding space');
const data = Float32Array.from({ length: 200 * 3 }, (_, i) => (i % 3) + 0.1 * random.normal());
const table = floatTensor([200, 3], data);
const space = new EmbeddingSpace(table);

test('the coordinates of a token lead back to its embedding', () => {
  const z = floatTensor([1, 1, 3], space.coordinates(17));
  const { data: back } = space.embeddings(z);
  for (const [j, x] of back.entries()) expect(x).toBeCloseTo(data[17 * 3 + j] ?? 0, 5);
});

test('over the table, coordinates have mean 0 and variance 1', () => {
  const all = Array.from({ length: 200 }, (_, id) => [...space.coordinates(id)]);
  for (const j of [0, 1, 2]) {
    const column = all.map((z) => z[j] ?? 0);
    expect(column.reduce((sum, z) => sum + z, 0) / 200).toBeCloseTo(0, 4);
    expect(column.reduce((sum, z) => sum + z * z, 0) / 200).toBeCloseTo(1, 4);
  }
});

test('a gradient is pulled back by the spread: the slope along z of a linear function', () => {
  const slope = floatTensor([1, 3], Float32Array.of(1, 2, -3));
  const at = (z: readonly number[]): number =>
    space
      .embeddings(floatTensor([1, 3], Float32Array.from(z)))
      .data.reduce((sum, x, j) => sum + x * (slope.data[j] ?? 0), 0);
  const expected = [0, 1, 2].map((j) => at([0, 1, 2].map((k) => Number(k === j))) - at([0, 0, 0]));
  const pulled = space.pullBack(floatTensor([1, 3], slope.data.slice()));
  for (const [j, x] of pulled.data.entries()) expect(x).toBeCloseTo(expected[j] ?? 0, 5);
});

test('directions have length 1, those left out are zeros', () => {
  const unit = directions(table, [4]);
  expect(Math.hypot(...unit.data.subarray(15, 18))).toBeCloseTo(1, 5);
  expect([...unit.data.subarray(12, 15)]).toEqual([0, 0, 0]);
});

test('rows of ids become embeddings', () => {
  const found = lookUp(table, [
    [3, 4],
    [5, 3],
  ]);
  expect(found.shape).toEqual([2, 2, 3]);
  expect([...found.data.subarray(9)]).toEqual([...data.subarray(9, 12)]);
});
