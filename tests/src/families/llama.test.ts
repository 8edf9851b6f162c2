import { testFamily } from './describe-family.js';

testFamily({
  cases: ['llama/base-lm', 'llama/base-cls', 'llama/base-qa', 'llama/tied-llama3-lm'],
  blocks: 3,
});
