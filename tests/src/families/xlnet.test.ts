import { testFamily } from './describe-family.js';

testFamily({
  cases: ['xlnet/base-lm', 'xlnet/base-cls', 'xlnet/base-qa', 'xlnet/base-perm-lm'],
  blocks: 3,
});
