import { expect, test } from 'vitest';
import { randomStream } from '../tensor/index.js';
import {
  drawNormals,
  drawPositives,
  fill,
  numbersOf,
  type OpCase,
  onceAndTwice,
  opCases,
  worstDifference,
} from '../testing/index.js';
import { at, present } from '../text/index.js';

test.each(Object.entries(opCases))(
  '%s: keeping and then going backward is one run',
  async (name, make) => {
    for (let i = 0; i < 4; i++) {
      const { once, twice } = await onceAndTwice(
        make(randomStream(`once/${name}/${i}`)),
        randomStream(`${i}`),
      );
      expect(twice).toEqual(once);
    }
  },
);

// y = softmax(x·xᵀ)·gelu(LN(x)·W + b), tanh: attention and a map, with results that both passes need.
test('a network of many operators: two runs give what one gives', async () => {
  const random = randomStream('network');
  const network: OpCase = {
    inputs: [
      drawNormals(random, [2, 5, 4]),
      drawNormals(random, [4, 3]),
      drawNormals(random, [3]),
      drawPositives(random, [4]),
    ],
    build: (g, values) => {
      const [x, w, b, scale] = [0, 1, 2, 3].map((i) => at(values, i));
      if (!x || !w || !b || !scale) return [];
      const normal = g.layerNorm(x, scale, { epsilon: 1e-5 });
      const flat = g.gelu(g.gemm(g.reshape(normal, [10, 4]), w, { c: b }));
      const weights = g.softmax(g.matMul(x, x, { transB: true, alpha: 0.5 }));
      return [g.tanh(g.matMul(weights, g.reshape(flat, [2, 5, 3])))];
    },
    reference: () => [fill([2, 5, 3], () => 0)],
  };
  const { once, twice } = await onceAndTwice(network, random);
  expect(once).toHaveLength(4);
  // A kernel may be fused in one run and not in the other.
  once.forEach((tensor, i) => {
    expect(worstDifference(numbersOf(present(twice[i])), numbersOf(tensor))).toBeLessThan(1e-6);
  });
});
