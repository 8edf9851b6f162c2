import { floatTensor, rows } from '@vflair/core/tensor';
import { present } from '@vflair/core/text';
import { expect, test } from 'vitest';
import { lookAtNeighbours } from './neighbour-heads.js';
import { sinusoids } from './sinusoids.js';

const WIDTH = 48;
const HEAD = 16;
const FASTEST = 3;
const offsets = [-1, 2];

const square = () => floatTensor([WIDTH, WIDTH], new Float32Array(WIDTH * WIDTH).fill(7));

test('on positions alone, each head scores its neighbour highest, everywhere', () => {
  const maps = { query: square(), key: square(), headSize: HEAD };
  lookAtNeighbours(maps, offsets, FASTEST);
  const positions = sinusoids(40, WIDTH, { size: 1, fastest: FASTEST });
  const apply = (map: typeof maps.query, head: number, position: number): number[] => {
    const x = rows(positions, position, position + 1).data;
    return Array.from({ length: HEAD }, (_, out) => {
      const row = rows(map, head * HEAD + out, head * HEAD + out + 1).data;
      return row.reduce((sum, w, i) => sum + w * present(x[i]), 0);
    });
  };
  offsets.forEach((offset, head) => {
    const keys = Array.from({ length: 40 }, (_, j) => apply(maps.key, head, j));
    for (let i = 2; i < 38; i++) {
      const query = apply(maps.query, head, i);
      const scores = keys.map((key) => key.reduce((sum, k, c) => sum + k * present(query[c]), 0));
      expect(scores.indexOf(Math.max(...scores))).toBe(i + offset);
    }
  });
});

test('heads beyond the list stay as they are', () => {
  const maps = { query: square(), key: square(), headSize: HEAD };
  lookAtNeighbours(maps, offsets, FASTEST);
  for (const map of [maps.query, maps.key])
    expect(new Set(rows(map, 2 * HEAD, WIDTH).data)).toEqual(new Set([7]));
});

test('more heads than there are rows are refused', () => {
  const maps = { query: square(), key: square(), headSize: HEAD };
  expect(() => lookAtNeighbours(maps, [1, 2, 3, 4], FASTEST)).toThrow('VF907');
});
