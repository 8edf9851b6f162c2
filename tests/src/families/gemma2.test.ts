import { testFamily } from './describe-family.js';

testFamily({ cases: ['gemma2/base-lm', 'gemma2/base-cls'], blocks: 3 });
