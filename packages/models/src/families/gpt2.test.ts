import type { ModelConfig } from '@vflair/core/contract';
import { randomStream } from '@vflair/core/tensor';
import { cacheDefects, compositionDefects, drawFamilyCase } from '@vflair/core/testing';
import { Findings } from '@vflair/core/text';
import { expect, test } from 'vitest';
import gpt2 from './gpt2.js';

const config = {
  model_type: 'gpt2',
  n_embd: 8,
  n_head: 2,
  n_layer: 2,
  n_positions: 9,
  vocab_size: 11,
};

const codeOf = (wrong: ModelConfig): string => {
  try {
    gpt2.read({ ...config, ...wrong }, 'lm');
    return 'none';
  } catch (error) {
    return error instanceof Findings ? (error.diagnostics[0]?.code ?? '') : String(error);
  }
};

const cases = gpt2.heads.flatMap((head) =>
  [[0], [1], [2], [0, 1, 2]].map((cuts) => ({ head, cuts })),
);

test.each(cases)(
  'a $head model cut before blocks $cuts is the model in one piece',
  async ({ head, cuts }) => {
    const spec = gpt2.read({ ...config, pad_token_id: 0 }, head, 3);
    expect(
      await compositionDefects(drawFamilyCase(spec, randomStream(`gpt2/${head}`)), cuts),
    ).toEqual([]);
  },
);

test.each([
  {},
  { scale_attn_weights: false },
  { scale_attn_by_inverse_layer_idx: true },
  { tie_word_embeddings: false },
])('position by position with a cache is all at once: %j', async (extra) => {
  const spec = gpt2.read({ ...config, ...extra }, 'lm');
  expect(await cacheDefects(drawFamilyCase(spec, randomStream('cache')))).toEqual([]);
});

test('the output matrix is the embedding table, or its own where the config says so', () => {
  const keys = (extra: ModelConfig): string[] =>
    gpt2.read({ ...config, ...extra }, 'lm').parameters.map(({ key }) => key);
  expect(keys({})).not.toContain('lm_head.weight');
  expect(keys({ tie_word_embeddings: false })).toContain('lm_head.weight');
});

test('a config that leaves out or contradicts what it needs is a finding', () => {
  expect(codeOf({})).toBe('none');
  expect(codeOf({ n_embd: undefined })).toBe('VF530');
  expect(codeOf({ n_layer: 0 })).toBe('VF530');
  expect(codeOf({ layer_norm_epsilon: 'small' })).toBe('VF530');
  expect(codeOf({ activation_function: 'swoosh' })).toBe('VF531');
  expect(codeOf({ add_cross_attention: true })).toBe('VF532');
  expect(codeOf({ n_head: 3 })).toBe('VF523');
});
