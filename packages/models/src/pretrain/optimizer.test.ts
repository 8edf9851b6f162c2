import type { Executable } from '@vflair/core/contract';
import { asFloat, type FloatTensor, floatTensor, randomStream } from '@vflair/core/tensor';
import { at, present } from '@vflair/core/text';
import { expect, test } from 'vitest';
import gpt2 from '../families/gpt2.js';
import { initialWeights } from './initial-weights.js';
import { muonMatrices, Optimizer } from './optimizer.js';

const spec = gpt2.read(
  { model_type: 'gpt2', n_layer: 1, n_embd: 4, n_head: 2, n_positions: 3, vocab_size: 6 },
  'lm',
);
const options = {
  matrixRate: 0.1,
  tokenRate: 0.01,
  positionRate: 0.003,
  vectorRate: 0.001,
  weightDecay: 0.5,
};

/** Gives each matrix back divided by its length: enough to see what the optimizer does with the directions. */
const normalise: Executable = {
  run: async (inputs) =>
    Object.fromEntries(
      Object.entries(inputs).map(([name, tensor]) => {
        const { shape, data } = asFloat(tensor);
        const size = Math.hypot(...data);
        return [
          name,
          floatTensor(
            shape,
            data.map((x) => x / size),
          ),
        ];
      }),
    ),
};

function gradientsOf(weights: ReadonlyMap<string, FloatTensor>, seed: string) {
  const random = randomStream(seed);
  return new Map(
    [...weights].map(([name, { shape, data }]) => [
      name,
      floatTensor(
        shape,
        data.map(() => 1e-3 * random.normal()),
      ),
    ]),
  );
}

test('Muon trains the matrices inside blocks, fused projections in three pieces', () => {
  expect(muonMatrices(spec)).toEqual([
    { name: 'transformer.h.0.attn.c_attn.weight', shape: [4, 12], pieces: 3 },
    { name: 'transformer.h.0.attn.c_proj.weight', shape: [4, 4], pieces: 1 },
    { name: 'transformer.h.0.mlp.c_fc.weight', shape: [4, 16], pieces: 1 },
    { name: 'transformer.h.0.mlp.c_proj.weight', shape: [16, 4], pieces: 1 },
  ]);
});

test('the first step of a matrix follows its gradient, after decay', async () => {
  const weights = initialWeights(spec, randomStream('weights'));
  const key = 'transformer.h.0.mlp.c_fc.weight';
  const before = present(weights.get(key)).data.slice();
  const gradients = gradientsOf(weights, 'gradients');
  const g = present(gradients.get(key)).data.slice();
  await new Optimizer(spec, normalise, options).step(weights, gradients, 0.5);
  // η = 0.1·0.5;  p − η·0.5·p − η·0.2·√16·g/‖g‖.
  const size = Math.hypot(...g);
  present(weights.get(key)).data.forEach((p, i) => {
    expect(p).toBeCloseTo(0.975 * at([...before], i) - (0.04 * at([...g], i)) / size, 6);
  });
});

test('tokens, positions and vectors have learning rates of their own', async () => {
  const weights = initialWeights(spec, randomStream('weights'));
  const before = new Map([...weights].map(([key, { data }]) => [key, data.slice()]));
  await new Optimizer(spec, normalise, options).step(weights, gradientsOf(weights, 'g'), 1);
  // The first step of Adam is the learning rate times the sign of the gradient.
  const moved = (key: string): number =>
    Math.abs(at([...present(weights.get(key)).data], 0) - at([...present(before.get(key))], 0));
  expect(moved('transformer.wte.weight')).toBeCloseTo(0.01, 6);
  expect(moved('transformer.wpe.weight')).toBeCloseTo(0.003, 6);
  expect(moved('transformer.ln_f.weight')).toBeCloseTo(0.001, 6);
});

test('a restored optimizer goes on as the one that was saved', async () => {
  const weights = initialWeights(spec, randomStream('weights'));
  const first = new Optimizer(spec, normalise, options);
  await first.step(weights, gradientsOf(weights, 'one'), 1);
  const { time, tensors } = first.state();
  const saved = new Map(
    [...tensors].map(([key, t]) => [key, floatTensor(t.shape, t.data.slice())]),
  );
  const copy = new Map([...weights].map(([key, t]) => [key, floatTensor(t.shape, t.data.slice())]));
  await first.step(weights, gradientsOf(weights, 'two'), 1);
  const second = new Optimizer(spec, normalise, options);
  second.restore(time, saved);
  await second.step(copy, gradientsOf(copy, 'two'), 1);
  expect([...copy]).toEqual([...weights]);
});
