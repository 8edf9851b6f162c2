import { defineTask } from '@vflair/core/contract';

/** Answers to prompts, token by token with a cache at every party. */
export default defineTask({
  id: 'generation',
  title: 'Generation',
  params: {
    'max-tokens': {
      type: 'integer',
      minimum: 1,
      default: 32,
      description: 'New tokens per prompt.',
    },
    temperature: {
      type: 'number',
      minimum: 0,
      default: 0,
      description: '0 takes the most likely token.',
    },
    'top-k': {
      type: 'integer',
      minimum: 1,
      optional: true,
      description: 'Sample among the k most likely tokens.',
    },
    'top-p': {
      type: 'number',
      exclusiveMinimum: 0,
      maximum: 1,
      optional: true,
      description: 'Sample among the most likely tokens that make up this mass.',
    },
    'min-p': {
      type: 'number',
      minimum: 0,
      maximum: 1,
      optional: true,
      description: 'Sample among tokens at least this share as likely as the most likely one.',
    },
    'repetition-penalty': {
      type: 'number',
      exclusiveMinimum: 0,
      optional: true,
      description:
        'Logits of tokens of the prompt and the answer are divided by it, negative ones multiplied.',
    },
    stop: {
      type: 'array',
      items: { type: 'string' },
      default: [],
      description: 'Texts that end an answer, and are none of it.',
    },
  },
  head: 'lm',
  labelled: false,
  metric: 'perplexity',
});
