import { randomStream } from '@vflair/core/tensor';
import { present } from '@vflair/core/text';
import { expect, test } from 'vitest';
import bert from '../families/bert.js';
import gpt2 from '../families/gpt2.js';
import { initialWeights, startFromFrequencies } from './initial-weights.js';

const gptConfig = { n_layer: 1, n_embd: 32, n_head: 2, n_positions: 8, vocab_size: 400 };
const bertConfig = {
  num_hidden_layers: 1,
  hidden_size: 32,
  num_attention_heads: 2,
  intermediate_size: 64,
  max_position_embeddings: 8,
  type_vocab_size: 2,
  vocab_size: 400,
};
const specs = [gpt2.read(gptConfig, 'lm'), bert.read(bertConfig, 'mlm')];

/** Root mean square. */
const size = (data: Float32Array): number =>
  Math.sqrt(data.reduce((sum, x) => sum + x * x, 0) / data.length);

test.each(specs)('$family starts as the identity: maps back into the stream are zero', (spec) => {
  const weights = initialWeights(spec, randomStream('init'));
  const outward = spec.parameters.filter(({ key }) => /c_proj|output\.dense/.test(key));
  expect(outward.length).toBeGreaterThan(0);
  for (const { key } of outward) expect(size(present(weights.get(key)).data)).toBe(0);
});

test.each(specs)('$family has tables of size 0.02 and positions that differ', (spec) => {
  const weights = initialWeights(spec, randomStream('init'));
  // 12,800 entries: the relative standard error of their size is 1/√25600.
  expect(size(present(weights.get(spec.embeddingKey)).data)).toBeCloseTo(0.02, 3);
  const key = present(spec.parameters.find(({ key }) => /wpe|position_embed/.test(key))).key;
  const { data, shape } = present(weights.get(key));
  expect(shape).toEqual([8, 32]);
  // sin² + cos² = 1 per pair of columns: every row has exactly this size.
  for (let row = 0; row < 8; row++)
    expect(size(data.subarray(row * 32, row * 32 + 32))).toBeCloseTo(0.02, 8);
  const rows = Array.from({ length: 8 }, (_, row) => data.subarray(row * 32, row * 32 + 32).join());
  expect(new Set(rows).size).toBe(8);
});

test('a turn by one position is the same linear map everywhere', () => {
  const [spec] = specs;
  const weights = initialWeights(present(spec), randomStream('init'));
  const { data } = present(weights.get('transformer.wpe.weight'));
  const dot = (a: number, b: number): number =>
    data
      .subarray(a * 32, a * 32 + 32)
      .reduce((sum, x, i) => sum + x * present(data[b * 32 + i]), 0);
  for (let row = 1; row < 7; row++) expect(dot(row, row + 1)).toBeCloseTo(dot(0, 1), 8);
});

test('parameters have streams of their own, and the same seed gives the same ones', () => {
  const [spec] = specs.map((one) => ({ ...one, parameters: one.parameters.toReversed() }));
  const all = initialWeights(present(specs[0]), randomStream('init'));
  for (const [key, tensor] of initialWeights(present(spec), randomStream('init')))
    expect(tensor).toEqual(all.get(key));
});

test('a masked model starts from the frequencies of tokens', () => {
  const weights = initialWeights(present(specs[1]), randomStream('init'));
  startFromFrequencies(weights, [Int32Array.of(7, 7, 9), Int32Array.of(7)]);
  const { data } = present(weights.get('cls.predictions.bias'));
  // 400 tokens and 4 occurrences: 404 counts in all.
  expect(data[7]).toBeCloseTo(Math.log(4 / 404), 6);
  expect(data[9]).toBeCloseTo(Math.log(2 / 404), 6);
  expect(data.reduce((sum, x) => sum + Math.exp(x), 0)).toBeCloseTo(1, 5);
});
