import { testFamily } from './describe-family.js';

testFamily({
  cases: [
    'falcon/rotary-mq-lm',
    'falcon/rotary-mq-cls',
    'falcon/rotary-mq-qa',
    'falcon/alibi-lm',
    'falcon/newdec-lm',
  ],
  blocks: 3,
});
