import { testFamily } from './describe-family.js';

testFamily({
  cases: ['bert/base-cls', 'bert/base-reg', 'bert/base-qa', 'bert/base-mlm'],
  blocks: 3,
});
