import { testFamily } from './describe-family.js';

testFamily({
  cases: ['qwen2/base-lm', 'qwen2/base-cls', 'qwen2/base-qa', 'qwen2/tied-lm', 'qwen2/bf16-lm'],
  blocks: 3,
});
