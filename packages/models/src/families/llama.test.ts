import { checkFamily } from '../testing/check-family.test.helper.js';
import llama from './llama.js';

const config = {
  model_type: 'llama',
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
  family: llama,
  config,
  options: [
    { num_key_value_heads: 1, head_dim: 6, tie_word_embeddings: true },
    { attention_bias: true, mlp_bias: true, num_key_value_heads: null, hidden_act: 'gelu' },
    { rope_parameters: { rope_type: 'yarn', factor: 4, rope_theta: 100 }, head_dim: 8 },
  ],
  findings: [
    ['none', {}],
    ['VF530', { hidden_size: undefined }],
    ['VF532', { is_causal: false }],
    ['VF530', { num_hidden_layers: 0 }],
    ['VF531', { hidden_act: 'swoosh' }],
    ['VF523', { num_key_value_heads: 3 }],
    ['VF532', { rope_scaling: { type: 'mrope' } }],
    ['VF530', { rope_scaling: { type: 'linear' } }],
    ['VF532', { rope_scaling: { type: 'linear', factor: 2 }, partial_rotary_factor: 0.5 }],
    ['VF523', { hidden_size: 18 }],
    ['VF523', { head_dim: 5 }],
  ],
});
