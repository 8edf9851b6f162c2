import { testFamily } from './describe-family.js';

testFamily({ cases: ['phi3/base-lm', 'phi3/base-cls'], blocks: 3 });
