import { checkFamily } from '../testing/check-family.test.helper.js';
import gptNeox from './gpt-neox.js';

const config = {
  model_type: 'gpt_neox',
  hidden_size: 16,
  num_attention_heads: 4,
  num_hidden_layers: 2,
  vocab_size: 11,
  intermediate_size: 10,
  max_position_embeddings: 9,
  pad_token_id: 0,
  rotary_pct: 0.5,
};

checkFamily({
  family: gptNeox,
  config,
  options: [
    { use_parallel_residual: false, attention_bias: false, rotary_pct: 1 },
    { tie_word_embeddings: true, hidden_act: 'relu', rotary_emb_base: 100 },
  ],
  findings: [
    ['none', {}],
    ['VF530', { hidden_size: undefined }],
    ['VF532', { is_causal: false }],
    ['VF530', { num_hidden_layers: 0 }],
    ['VF531', { hidden_act: 'swoosh' }],
    ['VF523', { hidden_size: 18 }],
    ['VF523', { rotary_pct: 0.8 }],
    ['VF532', { rope_scaling: { type: 'mrope' } }],
  ],
});
