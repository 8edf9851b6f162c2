import { randomStream } from '@vflair/core/tensor';
import { compositionDefects, drawFamilyCase } from '@vflair/core/testing';
import { expect, test } from 'vitest';
import { checkFamily } from '../testing/check-family.test.helper.js';
import gemma3Text from './gemma3-text.js';

const config = {
  model_type: 'gemma3_text',
  hidden_size: 16,
  num_attention_heads: 4,
  num_hidden_layers: 2,
  vocab_size: 11,
  intermediate_size: 10,
  max_position_embeddings: 9,
  pad_token_id: 0,
  num_key_value_heads: 2,
  head_dim: 6,
  sliding_window: 2,
  sliding_window_pattern: 2,
};

checkFamily({
  family: gemma3Text,
  config,
  options: [
    { rope_scaling: { rope_type: 'linear', factor: 8 }, final_logit_softcapping: 2 },
    {
      rope_parameters: {
        full_attention: { rope_type: 'yarn', factor: 4, rope_theta: 1000 },
        sliding_attention: { rope_theta: 50 },
      },
      num_key_value_heads: 1,
      attention_bias: true,
    },
  ],
  findings: [
    ['none', {}],
    ['VF530', { hidden_size: undefined }],
    ['VF530', { num_hidden_layers: 0 }],
    ['VF531', { hidden_activation: 'swoosh' }],
    ['VF523', { num_key_value_heads: 3 }],
    ['VF532', { rope_scaling: { type: 'mrope' } }],
    ['VF530', { rope_scaling: { type: 'linear' } }],
    ['VF532', { layer_types: ['full_attention', 'chunked_attention'] }],
    ['VF523', { layer_types: ['full_attention'] }],
    ['VF532', { use_bidirectional_attention: true }],
  ],
});

test('a classifier may see both sides; it has no cache then', async () => {
  const both = { ...config, use_bidirectional_attention: true, sliding_window: 3 };
  const spec = gemma3Text.read(both, 'cls', 3);
  expect(spec.cache(0)).toEqual([]);
  expect(await compositionDefects(drawFamilyCase(spec, randomStream('both')), [1])).toEqual([]);
});
