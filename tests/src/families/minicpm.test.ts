import { testFamily } from './describe-family.js';

testFamily({ cases: ['minicpm/base-lm', 'minicpm/base-cls'], blocks: 3 });
