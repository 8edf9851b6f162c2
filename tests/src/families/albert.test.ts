import { testFamily } from './describe-family.js';

testFamily({
  cases: ['albert/base-cls', 'albert/base-qa', 'albert/base-mlm', 'albert/groups-cls'],
  blocks: 4,
});
