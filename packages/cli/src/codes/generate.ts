import type { CodeTable } from '@vflair/dsl';

/** VF586 and VF587: answers to a prompt. */
export const generateCodes: CodeTable = {
  VF586: {
    title: 'a pipeline that can’t answer a prompt',
    explanation:
      '`vflair generate` continues a prompt with a causal language model that is cut between parties. The task of this pipeline needs another head, or one party has the whole model, so that nothing would be private.',
    language: 'text',
    wrong: 'task classification { labels 2 }',
    right: 'task generation { max-tokens 64 }',
  },
  VF587: {
    title: 'a prompt that can’t be given to the model',
    explanation:
      'It is empty, leaves the model no room for an answer, or `--chat` was asked of a model without a chat template.',
    language: 'sh',
    wrong: 'vflair generate a.vflair --prompt ""',
    right: 'vflair generate a.vflair --prompt "Once upon a time"',
  },
};
