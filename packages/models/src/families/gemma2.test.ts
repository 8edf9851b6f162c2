import { checkFamily } from '../testing/check-family.test.helper.js';
import gemma2 from './gemma2.js';

const config = {
  model_type: 'gemma2',
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
  query_pre_attn_scalar: 5,
};

checkFamily({
  family: gemma2,
  config,
  options: [
    { attn_logit_softcapping: 2, final_logit_softcapping: 1.5, num_key_value_heads: 1 },
    { attn_logit_softcapping: null, final_logit_softcapping: null, attention_bias: true },
    { layer_types: ['full_attention', 'full_attention'], tie_word_embeddings: false },
  ],
  findings: [
    ['none', {}],
    ['VF530', { hidden_size: undefined }],
    ['VF530', { num_hidden_layers: 0 }],
    ['VF531', { hidden_activation: 'swoosh' }],
    ['VF523', { num_key_value_heads: 3 }],
    ['VF532', { rope_scaling: { type: 'mrope' } }],
    ['VF530', { rope_scaling: { type: 'linear' } }],
    ['VF532', { rope_scaling: { type: 'linear', factor: 2 }, partial_rotary_factor: 0.5 }],
    ['VF532', { layer_types: ['full_attention', 'chunked_attention'] }],
    ['VF523', { layer_types: ['full_attention'] }],
    ['VF532', { use_bidirectional_attention: true }],
    ['VF523', { attn_logit_softcapping: 0 }],
  ],
});
