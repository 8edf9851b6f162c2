import { checkFamily } from '../testing/check-family.test.helper.js';
import minicpm from './minicpm.js';

const config = {
  model_type: 'minicpm',
  hidden_size: 16,
  num_attention_heads: 4,
  num_hidden_layers: 2,
  vocab_size: 11,
  intermediate_size: 10,
  max_position_embeddings: 9,
  pad_token_id: 0,
  num_key_value_heads: 2,
  scale_emb: 3,
  scale_depth: 1.4,
  dim_model_base: 5,
};

checkFamily({
  family: minicpm,
  config,
  options: [{ attention_bias: true, tie_word_embeddings: false, num_key_value_heads: 4 }],
  findings: [
    ['none', {}],
    ['VF530', { hidden_size: undefined }],
    ['VF532', { num_experts: 8 }],
    ['VF530', { num_hidden_layers: 0 }],
    ['VF531', { hidden_act: 'swoosh' }],
    ['VF523', { num_key_value_heads: 3 }],
    ['VF532', { rope_scaling: { type: 'mrope' } }],
    ['VF530', { rope_scaling: { type: 'linear' } }],
    ['VF532', { rope_scaling: { type: 'linear', factor: 2 }, partial_rotary_factor: 0.5 }],
  ],
});
