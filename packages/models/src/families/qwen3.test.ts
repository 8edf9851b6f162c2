import { checkFamily } from '../testing/check-family.test.helper.js';
import qwen3 from './qwen3.js';

const config = {
  model_type: 'qwen3',
  hidden_size: 16,
  num_attention_heads: 4,
  num_hidden_layers: 2,
  vocab_size: 11,
  intermediate_size: 10,
  max_position_embeddings: 9,
  pad_token_id: 0,
  num_key_value_heads: 2,
  head_dim: 6,
};

checkFamily({
  family: qwen3,
  config,
  options: [
    { attention_bias: true, num_key_value_heads: 1 },
    { use_sliding_window: true, sliding_window: 2, max_window_layers: 0 },
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
    ['VF532', { layer_types: ['full_attention', 'chunked_attention'] }],
    ['VF523', { layer_types: ['full_attention'] }],
  ],
});
