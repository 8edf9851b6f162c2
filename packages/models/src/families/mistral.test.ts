import { checkFamily } from '../testing/check-family.test.helper.js';
import mistral from './mistral.js';

const config = {
  model_type: 'mistral',
  hidden_size: 16,
  num_attention_heads: 4,
  num_hidden_layers: 2,
  vocab_size: 11,
  intermediate_size: 10,
  max_position_embeddings: 9,
  pad_token_id: 0,
  num_key_value_heads: 2,
  sliding_window: 2,
};

checkFamily({
  family: mistral,
  config,
  options: [
    { sliding_window: null, head_dim: 8 },
    { sliding_window: 1, num_key_value_heads: 4 },
    { sliding_window: 3, tie_word_embeddings: true },
  ],
  findings: [
    ['none', {}],
    ['VF530', { hidden_size: undefined }],
    ['VF530', { num_hidden_layers: 0 }],
    ['VF531', { hidden_act: 'swoosh' }],
    ['VF523', { num_key_value_heads: 3 }],
    ['VF532', { rope_scaling: { type: 'mrope' } }],
    ['VF530', { rope_scaling: { type: 'linear' } }],
    ['VF532', { rope_scaling: { type: 'linear', factor: 2 }, partial_rotary_factor: 0.5 }],
    ['VF523', { sliding_window: 0 }],
  ],
});
