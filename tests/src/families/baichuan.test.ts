import { testFamily } from './describe-family.js';

testFamily({ cases: ['baichuan/7b-lm', 'baichuan/13b-alibi-lm'], blocks: 3 });
