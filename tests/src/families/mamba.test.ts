import { testFamily } from './describe-family.js';

testFamily({ cases: ['mamba/base-lm'], blocks: 3 });
