import type { ModelConfig } from '@vflair/core/contract';
import { randomStream } from '@vflair/core/tensor';
import { cacheDefects, compositionDefects, drawFamilyCase } from '@vflair/core/testing';
import { Findings } from '@vflair/core/text';
import { expect, test } from 'vitest';
import mamba from './mamba.js';

const config = {
  model_type: 'mamba',
  hidden_size: 8,
  state_size: 3,
  num_hidden_layers: 2,
  conv_kernel: 4,
  expand: 2,
  time_step_rank: 2,
  vocab_size: 11,
  pad_token_id: 0,
};

const codeOf = (wrong: ModelConfig): string => {
  try {
    mamba.read({ ...config, ...wrong }, 'lm');
    return 'none';
  } catch (error) {
    return error instanceof Findings ? (error.diagnostics[0]?.code ?? '') : String(error);
  }
};

const variants = [
  {},
  { use_bias: true },
  { use_conv_bias: false, tie_word_embeddings: false },
  { conv_kernel: 1, time_step_rank: 'auto' },
  { conv_kernel: 2, expand: 1.5, hidden_act: 'gelu' },
];

const cuts = [[1], [0], [2], [0, 1, 2], [0, 2]];

test.each(variants.map((extra, i) => ({ extra, cuts: cuts[i] ?? [] })))(
  'a model cut before blocks $cuts is the model in one piece: $extra',
  async ({ extra, cuts }) => {
    const spec = mamba.read({ ...config, ...extra }, 'lm');
    expect(await compositionDefects(drawFamilyCase(spec, randomStream('mamba')), cuts)).toEqual([]);
  },
);

test.each(variants)('position by position with a cache is all at once: %j', async (extra) => {
  const spec = mamba.read({ ...config, ...extra }, 'lm');
  expect(await cacheDefects(drawFamilyCase(spec, randomStream('cache')))).toEqual([]);
});

test('the width inside a block is stated or follows from the width outside', () => {
  const widthOf = (extra: ModelConfig): unknown =>
    mamba
      .read({ ...config, ...extra }, 'lm')
      .cache(0)
      .at(-1)?.shape[0];
  expect(widthOf({})).toBe(16);
  expect(widthOf({ intermediate_size: 24, expand: 3 })).toBe(24);
  expect(widthOf({ intermediate_size: 20, expand: undefined })).toBe(20);
});

test('a table is found under its older name, and without prefix', () => {
  const { aliases } = mamba.read(config, 'lm');
  expect(aliases('backbone.embeddings.weight')).toEqual([
    'embeddings.weight',
    'backbone.embedding.weight',
    'embedding.weight',
  ]);
});

test('a config that leaves out or contradicts what it needs is a finding', () => {
  expect(codeOf({})).toBe('none');
  expect(codeOf({ state_size: undefined })).toBe('VF530');
  expect(codeOf({ time_step_rank: 'some' })).toBe('VF530');
  expect(codeOf({ hidden_act: 'swoosh' })).toBe('VF531');
  expect(codeOf({ intermediate_size: 17 })).toBe('VF523');
});
