import { testFamily } from './describe-family.js';

testFamily({ cases: ['chatglm/base-lm', 'chatglm/base-cls'], blocks: 3 });
