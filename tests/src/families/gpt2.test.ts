import { testFamily } from './describe-family.js';

testFamily({ cases: ['gpt2/base-lm', 'gpt2/base-cls', 'gpt2/base-qa'], blocks: 3 });
