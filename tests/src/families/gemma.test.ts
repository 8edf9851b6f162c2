import { testFamily } from './describe-family.js';

testFamily({ cases: ['gemma/base-lm', 'gemma/base-cls'], blocks: 3 });
