import type { ModelConfig } from '@vflair/core/contract';
import { randomStream } from '@vflair/core/tensor';
import { compositionDefects, drawFamilyCase } from '@vflair/core/testing';
import { Findings } from '@vflair/core/text';
import { expect, test } from 'vitest';
import roberta from './roberta.js';

const config = {
  model_type: 'roberta',
  hidden_size: 8,
  num_attention_heads: 2,
  num_hidden_layers: 2,
  max_position_embeddings: 12,
  vocab_size: 11,
  type_vocab_size: 1,
  intermediate_size: 16,
  pad_token_id: 2,
};

const codeOf = (wrong: ModelConfig): string => {
  try {
    roberta.read({ ...config, ...wrong }, 'cls');
    return 'none';
  } catch (error) {
    return error instanceof Findings ? (error.diagnostics[0]?.code ?? '') : String(error);
  }
};

const cases = roberta.heads.flatMap((head) =>
  [{ cuts: [0] }, { cuts: [1] }, { cuts: [2] }, { cuts: [0, 1, 2], type_vocab_size: 2 }].map(
    ({ cuts, ...extra }) => ({
      head,
      cuts,
      extra: { ...extra, tie_word_embeddings: cuts[0] !== 1 },
    }),
  ),
);

test.each(cases)(
  'a $head model cut before blocks $cuts is the model in one piece ($extra)',
  async ({ head, cuts, extra }) => {
    const spec = roberta.read({ ...config, ...extra }, head, 3);
    expect(
      await compositionDefects(drawFamilyCase(spec, randomStream(`roberta/${head}`)), cuts),
    ).toEqual([]);
  },
);

test('positions begin after the padding id, so that a text is that much shorter than the table', () => {
  const { maxLength, padToken } = roberta.read(config, 'mlm');
  expect(maxLength).toBe(12 - 2 - 1);
  expect(padToken).toBe(2);
  expect(roberta.read({ ...config, pad_token_id: undefined }, 'mlm').padToken).toBe(1);
});

test('token types are fed only where there is more than one', () => {
  expect(roberta.read(config, 'cls').hasTokenTypes).toBe(false);
  expect(roberta.read({ ...config, type_vocab_size: 2 }, 'cls').hasTokenTypes).toBe(true);
});

test('a config that leaves out or contradicts what it needs is a finding', () => {
  expect(codeOf({})).toBe('none');
  expect(codeOf({ hidden_size: undefined })).toBe('VF530');
  expect(codeOf({ hidden_act: 'swoosh' })).toBe('VF531');
  expect(codeOf({ is_decoder: true })).toBe('VF532');
  expect(codeOf({ position_embedding_type: 'relative_key_query' })).toBe('VF532');
  expect(codeOf({ problem_type: 'multi_label_classification' })).toBe('VF532');
  expect(codeOf({ max_position_embeddings: 3 })).toBe('VF523');
});
