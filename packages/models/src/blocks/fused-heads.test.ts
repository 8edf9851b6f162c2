import { randomStream } from '@vflair/core/tensor';
import {
  drawNormals,
  evaluate,
  feedsOf,
  fill,
  inputGraph,
  numbersOf,
  pick,
} from '@vflair/core/testing';
import { at } from '@vflair/core/text';
import { expect, test } from 'vitest';
import { joinGroups, splitGroups } from './fused-heads.js';

const rows = drawNormals(randomStream('fused'), [2, 3, 12]);

test.each([
  { groups: 1, sizes: [5, 3, 4] },
  { groups: 2, sizes: [3, 2, 1] },
])('each group has its parts in a row, and they go back there: %j', async ({ groups, sizes }) => {
  const { g, values } = inputGraph([rows], (_, axis, size) => (axis === 1 ? 'seq' : size));
  const parts = splitGroups(g, at(values, 0), { groups, sizes });
  const found = await evaluate(g, [...parts, joinGroups(g, parts, groups)], feedsOf([rows]));
  const whole = 12 / groups;
  sizes.forEach((size, part) => {
    const start = sizes.slice(0, part).reduce((sum, one) => sum + one, 0);
    const expected = fill([2, 3, groups * size], ([b = 0, s = 0, c = 0]) => {
      const group = Math.floor(c / size);
      return pick(numbersOf(rows), [b, s, group * whole + start + (c % size)]);
    });
    expect(numbersOf(at(found, part))).toEqual(expected);
  });
  expect(numbersOf(at(found, sizes.length))).toEqual(numbersOf(rows));
});
