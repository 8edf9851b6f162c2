import { checkFamily } from '../testing/check-family.test.helper.js';
import baichuan from './baichuan.js';

const config = {
  model_type: 'baichuan',
  hidden_size: 16,
  num_attention_heads: 4,
  num_hidden_layers: 2,
  vocab_size: 11,
  intermediate_size: 10,
  max_position_embeddings: 9,
  pad_token_id: 0,
};

checkFamily({
  family: baichuan,
  config,
  options: [
    { max_position_embeddings: undefined, model_max_length: 9 },
    {
      max_position_embeddings: undefined,
      model_max_length: 9,
      num_attention_heads: 3,
      hidden_size: 9,
    },
  ],
  findings: [
    ['none', {}],
    ['VF530', { hidden_size: undefined }],
    ['VF530', { num_hidden_layers: 0 }],
    ['VF530', { max_position_embeddings: undefined }],
    ['VF532', { tie_word_embeddings: true }],
  ],
});
