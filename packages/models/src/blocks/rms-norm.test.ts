import { randomStream } from '@vflair/core/tensor';
import {
  drawNormals,
  evaluate,
  feedsOf,
  fill,
  inputGraph,
  numbersOf,
  pick,
  total,
  worstDifference,
} from '@vflair/core/testing';
import { at, present } from '@vflair/core/text';
import { expect, test } from 'vitest';
import { rmsNorm } from './rms-norm.js';

test('each row is divided by its root mean square and scaled', async () => {
  const random = randomStream('rms');
  const tensors = [drawNormals(random, [2, 3, 4]), drawNormals(random, [4])];
  const { g, values } = inputGraph(tensors, (i, axis, size) => (i + axis === 0 ? 'batch' : size));
  const parameters = {
    weight: () => at(values, 1),
    has: () => true,
    trains: () => false,
    adapter: () => undefined,
  };
  const y = rmsNorm(g, parameters, at(values, 0), { key: 'norm.weight', epsilon: 0.5 });
  const [found] = await evaluate(g, [y], feedsOf(tensors));
  const [x, w] = tensors.map(numbersOf);
  const expected = fill([2, 3, 4], ([b = 0, s = 0, c = 0]) => {
    const row = Array.from({ length: 4 }, (_, k) => pick(present(x), [b, s, k]));
    return (at(row, c) / Math.sqrt(total(row.map((v) => v * v)) / 4 + 0.5)) * pick(present(w), [c]);
  });
  expect(worstDifference(numbersOf(present(found)), expected)).toBeLessThan(1e-6);
});
