import { floatTensor, intTensor, randomStream } from '@vflair/core/tensor';
import { attackKit } from '@vflair/core/testing';
import { expect, test } from 'vitest';
import nearestEmbedding from './nearest-embedding.js';

const random = randomStream('nearest embedding');
const normals = (count: number) => Float32Array.from({ length: count }, () => random.normal());
const embedding = floatTensor([50, 8], normals(50 * 8));
const text = Array.from({ length: 12 }, () => Array.from({ length: 5 }, () => random.integer(50)));

/** A head that changes each embedding by this share of its size. */
const message = (noise: number) => {
  const h = text.flat().flatMap((id) => [...embedding.data.subarray(id * 8, (id + 1) * 8)]);
  const data = Float32Array.from(h, (x) => x + noise * random.normal());
  const mask = intTensor([12, 5], new Array<number>(60).fill(1));
  return { phase: 'test', step: 0, tensor: floatTensor([12, 5, 8], data), mask } as const;
};

const truth = text.map((tokens, row) => ({ step: 0, row, tokens }));
const options = {
  test: import.meta.url,
  params: { measure: 'cosine' },
  planted: { view: { activations: [message(0.1)], embedding }, truth },
  null: { view: { activations: [message(1e6)], embedding }, truth },
} as const;
for (const { name, run } of attackKit(nearestEmbedding, options)) test(name, run);

test('the view holds what was declared and nothing else', () => {
  const attack: typeof nearestEmbedding = {
    ...nearestEmbedding,
    // @ts-expect-error  `gradients` was not declared in `needs`
    run: (view) => ({ tokens: view.gradients }),
  };
  expect(attack.needs).toEqual(['activations', 'embedding']);
});
