import { testFamily } from './describe-family.js';

testFamily({ cases: ['gemma3_text/base-lm'], blocks: 3 });
