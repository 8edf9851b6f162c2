import { testFamily } from './describe-family.js';

testFamily({ cases: ['deepseek_v3/base-lm', 'deepseek_v3/base-cls'], blocks: 3 });
