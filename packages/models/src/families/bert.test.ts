import type { ModelConfig } from '@vflair/core/contract';
import { randomStream } from '@vflair/core/tensor';
import { compositionDefects, drawFamilyCase } from '@vflair/core/testing';
import { Findings } from '@vflair/core/text';
import { expect, test } from 'vitest';
import bert from './bert.js';

const config = {
  model_type: 'bert',
  hidden_size: 8,
  num_attention_heads: 2,
  num_hidden_layers: 2,
  max_position_embeddings: 9,
  vocab_size: 11,
  type_vocab_size: 2,
  intermediate_size: 16,
  pad_token_id: 0,
};

const codeOf = (wrong: ModelConfig): string => {
  try {
    bert.read({ ...config, ...wrong }, 'cls');
    return 'none';
  } catch (error) {
    return error instanceof Findings ? (error.diagnostics[0]?.code ?? '') : String(error);
  }
};

const cases = bert.heads.flatMap((head) =>
  [[0], [1], [2], [0, 1, 2]].map((cuts) => ({ head, cuts })),
);

test.each(cases)(
  'a $head model cut before blocks $cuts is the model in one piece',
  async ({ head, cuts }) => {
    const spec = bert.read(config, head, 3);
    expect(
      await compositionDefects(drawFamilyCase(spec, randomStream(`bert/${head}`)), cuts),
    ).toEqual([]);
  },
);

test('a parameter is also found without the base prefix, or with the oldest names of a norm', () => {
  const { aliases } = bert.read(config, 'cls');
  expect(aliases('bert.encoder.layer.0.output.LayerNorm.weight')).toEqual([
    'encoder.layer.0.output.LayerNorm.weight',
    'bert.encoder.layer.0.output.LayerNorm.gamma',
    'encoder.layer.0.output.LayerNorm.gamma',
  ]);
  expect(aliases('classifier.weight')).toEqual([]);
});

test('an output matrix that is not tied has a bias of its own, or the one of older checkpoints', () => {
  const { parameters, aliases } = bert.read({ ...config, tie_word_embeddings: false }, 'mlm');
  const keys = parameters.map(({ key }) => key);
  expect(keys).toContain('cls.predictions.decoder.weight');
  expect(keys).toContain('cls.predictions.decoder.bias');
  expect(keys).not.toContain('cls.predictions.bias');
  expect(aliases('cls.predictions.decoder.bias')).toEqual(['cls.predictions.bias']);
});

test('a config that leaves out or contradicts what it needs is a finding', () => {
  expect(codeOf({})).toBe('none');
  expect(codeOf({ hidden_size: undefined })).toBe('VF530');
  expect(codeOf({ hidden_act: 'swoosh' })).toBe('VF531');
  expect(codeOf({ is_decoder: true })).toBe('VF532');
  expect(codeOf({ position_embedding_type: 'relative_key' })).toBe('VF532');
  expect(codeOf({ num_attention_heads: 3 })).toBe('VF523');
});
