import { testFamily } from './describe-family.js';

testFamily({ cases: ['qwen3/base-lm', 'qwen3/base-cls'], blocks: 3 });
