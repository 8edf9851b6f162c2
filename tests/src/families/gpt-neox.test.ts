import { testFamily } from './describe-family.js';

testFamily({ cases: ['gpt_neox/base-lm', 'gpt_neox/base-cls', 'gpt_neox/base-qa'], blocks: 3 });
