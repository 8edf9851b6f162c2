import { testFamily } from './describe-family.js';

testFamily({
  cases: ['t5/base-seq2seq', 't5/base-cls', 't5/base-qa', 't5/v1_1-seq2seq'],
  blocks: 5,
  decoderBlocks: 2,
});
