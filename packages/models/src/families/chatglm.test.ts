import { checkFamily } from '../testing/check-family.test.helper.js';
import chatglm from './chatglm.js';

const config = {
  model_type: 'chatglm',
  hidden_size: 12,
  num_attention_heads: 4,
  kv_channels: 4,
  num_layers: 2,
  padded_vocab_size: 11,
  ffn_hidden_size: 10,
  seq_length: 9,
  pad_token_id: 0,
  multi_query_attention: true,
  multi_query_group_num: 2,
  add_qkv_bias: true,
};

checkFamily({
  family: chatglm,
  config,
  options: [
    { multi_query_attention: false, add_bias_linear: true, rmsnorm: false },
    { apply_residual_connection_post_layernorm: true, post_layer_norm: false, rope_ratio: 50 },
  ],
  findings: [
    ['none', {}],
    ['VF530', { hidden_size: undefined }],
    ['VF532', { position_encoding_2d: true }],
    ['VF532', { pre_seq_len: 8 }],
    ['VF532', { original_rope: false }],
    ['VF523', { multi_query_group_num: 3 }],
    ['VF523', { kv_channels: 3 }],
  ],
});
