import { testFamily } from './describe-family.js';

testFamily({ cases: ['roberta/base-cls', 'roberta/base-qa', 'roberta/base-mlm'], blocks: 3 });
