import { testFamily } from './describe-family.js';

testFamily({
  cases: ['mistral/window-lm', 'mistral/window-cls', 'mistral/window-qa', 'mistral/full-lm'],
  blocks: 3,
});
