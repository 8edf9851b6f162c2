import { checkFamily } from '../testing/check-family.test.helper.js';
import phi3 from './phi3.js';

const config = {
  model_type: 'phi3',
  hidden_size: 16,
  num_attention_heads: 4,
  num_hidden_layers: 2,
  vocab_size: 11,
  intermediate_size: 10,
  max_position_embeddings: 9,
  pad_token_id: 0,
  num_key_value_heads: 2,
};

checkFamily({
  family: phi3,
  config,
  options: [
    { sliding_window: 2, partial_rotary_factor: 0.67 },
    {
      rope_scaling: { type: 'su', short_factor: [1], long_factor: [2] },
      original_max_position_embeddings: 9,
      tie_word_embeddings: true,
      partial_rotary_factor: 0.67,
    },
  ],
  findings: [
    ['none', {}],
    ['VF530', { hidden_size: undefined }],
    ['VF530', { num_hidden_layers: 0 }],
    ['VF531', { hidden_act: 'swoosh' }],
    ['VF523', { num_key_value_heads: 3 }],
    ['VF532', { rope_scaling: { type: 'linear', factor: 2 } }],
    ['VF523', { rope_scaling: { type: 'longrope', short_factor: [1], long_factor: [2, 3] } }],
    ['VF530', { rope_scaling: { type: 'longrope', short_factor: 1, long_factor: [2, 3] } }],
  ],
});
