import { checkFamily } from '../testing/check-family.test.helper.js';
import deepseekV3 from './deepseek-v3.js';

const config = {
  model_type: 'deepseek_v3',
  hidden_size: 16,
  num_attention_heads: 4,
  num_hidden_layers: 2,
  vocab_size: 11,
  intermediate_size: 10,
  max_position_embeddings: 9,
  pad_token_id: 0,
  q_lora_rank: 6,
  kv_lora_rank: 5,
  qk_rope_head_dim: 4,
  qk_nope_head_dim: 3,
  v_head_dim: 2,
  n_routed_experts: 6,
  n_group: 3,
  topk_group: 2,
  num_experts_per_tok: 3,
  n_shared_experts: 1,
  moe_intermediate_size: 4,
  first_k_dense_replace: 1,
};

checkFamily({
  family: deepseekV3,
  config,
  options: [
    { q_lora_rank: null, norm_topk_prob: false, rope_interleave: false, attention_bias: true },
    {
      n_group: 1,
      topk_group: 1,
      n_shared_experts: 2,
      first_k_dense_replace: 0,
      rope_scaling: { type: 'yarn', factor: 4, mscale: 1, mscale_all_dim: 0.5 },
    },
  ],
  findings: [
    ['none', {}],
    ['VF530', { hidden_size: undefined }],
    ['VF530', { num_hidden_layers: 0 }],
    ['VF530', { q_lora_rank: undefined }],
    ['VF531', { hidden_act: 'swoosh' }],
    ['VF523', { num_key_value_heads: 2 }],
    ['VF523', { n_group: 6 }],
    ['VF523', { num_experts_per_tok: 5 }],
    ['VF532', { scoring_func: 'softmax' }],
    ['VF532', { rope_scaling: { type: 'mrope' } }],
  ],
});
