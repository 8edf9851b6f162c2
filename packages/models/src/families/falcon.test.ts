import { checkFamily } from '../testing/check-family.test.helper.js';
import falcon from './falcon.js';

const config = {
  model_type: 'falcon',
  hidden_size: 16,
  num_attention_heads: 4,
  num_hidden_layers: 2,
  vocab_size: 11,
  max_position_embeddings: 9,
  pad_token_id: 0,
};

checkFamily({
  family: falcon,
  config,
  options: [
    { new_decoder_architecture: true, num_kv_heads: 2, bias: true },
    { new_decoder_architecture: true, num_kv_heads: 2, num_ln_in_parallel_attn: 1 },
    { multi_query: false, parallel_attn: false, alibi: true, bias: true },
    { alibi: true, tie_word_embeddings: false },
    { multi_query: true, parallel_attn: false, activation: 'relu', ffn_hidden_size: 5 },
  ],
  findings: [
    ['none', {}],
    ['VF530', { hidden_size: undefined }],
    ['VF532', { is_causal: false }],
    ['VF530', { num_hidden_layers: 0 }],
    ['VF531', { activation: 'swoosh' }],
    ['VF523', { hidden_size: 18 }],
    ['VF523', { new_decoder_architecture: true, parallel_attn: false }],
    ['VF523', { num_ln_in_parallel_attn: 2 }],
    ['VF523', { new_decoder_architecture: true, num_kv_heads: 3 }],
  ],
});
