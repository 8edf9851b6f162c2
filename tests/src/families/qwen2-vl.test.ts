import { testFamily } from './describe-family.js';

testFamily({ cases: ['qwen2_vl/base-lm'], blocks: 3 });
