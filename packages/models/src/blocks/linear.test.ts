import type { Parameters } from '@vflair/core/contract';
import type { Value } from '@vflair/core/graph';
import { type FloatTensor, randomStream } from '@vflair/core/tensor';
import {
  drawNormals,
  evaluate,
  feedsOf,
  fill,
  inputGraph,
  type Numbers,
  numbersOf,
  pick,
  total,
  worstDifference,
} from '@vflair/core/testing';
import { at, present } from '@vflair/core/text';
import { expect, test } from 'vitest';
import { linear } from './linear.js';

const random = randomStream('linear');
const [inputs, outputs, rank] = [3, 5, 2];
const x = drawNormals(random, [2, 4, inputs]);
const bias = drawNormals(random, [outputs]);
const a = drawNormals(random, [rank, inputs]);
const b = drawNormals(random, [outputs, rank]);

/** Parameters that are graph inputs. */
function parametersOf(values: ReadonlyMap<string, Value>): Parameters {
  const weight = (key: string): Value => present(values.get(key), key);
  const has = (key: string): boolean => values.has(key);
  const adapter = has('a') ? { a: weight('a'), b: weight('b'), scale: 0.5 } : undefined;
  return { weight, has, trains: has, adapter: () => adapter };
}

async function run(
  tensors: Readonly<Record<string, FloatTensor>>,
  layout: 'out-in' | 'in-out',
  input = x,
): Promise<Numbers> {
  const names = Object.keys(tensors);
  const { g, values } = inputGraph([input, ...Object.values(tensors)], (_, axis, size) =>
    input.shape.length === 3 && axis < 2 && size === 4 ? 'seq' : size,
  );
  const parameters = parametersOf(new Map(names.map((name, i) => [name, at(values, i + 1)])));
  const map = { weight: 'w', layout, ...('bias' in tensors ? { bias: 'bias' } : {}) };
  const [y] = await evaluate(
    g,
    [linear(g, parameters, at(values, 0), map)],
    feedsOf([input, ...Object.values(tensors)]),
  );
  return numbersOf(present(y));
}

// y[…, o] = Σ_i x[…, i]·W[o, i] + b[o] + s·Σ_r B[o, r]·Σ_i A[r, i]·x[…, i]
function expected(
  weight: (o: number, i: number) => number,
  parts: { bias: boolean; adapter: boolean },
): Numbers {
  const [X, A, B, C] = [x, a, b, bias].map(numbersOf) as [Numbers, Numbers, Numbers, Numbers];
  const each = (count: number, term: (i: number) => number): number =>
    total(Array.from({ length: count }, (_, i) => term(i)));
  return fill([2, 4, outputs], (place) => {
    const [p = 0, q = 0, o = 0] = place;
    const plain = each(inputs, (i) => pick(X, [p, q, i]) * weight(o, i));
    const update = each(
      rank,
      (r) => pick(B, [o, r]) * each(inputs, (i) => pick(A, [r, i]) * pick(X, [p, q, i])),
    );
    return plain + (parts.bias ? pick(C, [o]) : 0) + (parts.adapter ? 0.5 * update : 0);
  });
}

test.each(['out-in', 'in-out'] as const)(
  'a map stored %s, with and without bias and adapter',
  async (layout) => {
    const w = drawNormals(random, layout === 'out-in' ? [outputs, inputs] : [inputs, outputs]);
    const weight = (o: number, i: number): number =>
      pick(numbersOf(w), layout === 'out-in' ? [o, i] : [i, o]);
    for (const parts of [
      { bias: false, adapter: false },
      { bias: true, adapter: false },
      { bias: true, adapter: true },
    ]) {
      const tensors = { w, ...(parts.bias ? { bias } : {}), ...(parts.adapter ? { a, b } : {}) };
      expect(worstDifference(await run(tensors, layout), expected(weight, parts))).toBeLessThan(
        1e-6,
      );
    }
  },
);

test('a matrix of rows stays a matrix', async () => {
  const w = drawNormals(random, [outputs, inputs]);
  expect((await run({ w }, 'out-in', drawNormals(random, [7, inputs]))).shape).toEqual([
    7,
    outputs,
  ]);
});
