import { defineTask } from '@vflair/core/contract';

/** Next-token prediction on the rows' own text. */
export default defineTask({
  id: 'language-model',
  title: 'Language modelling',
  params: {},
  head: 'lm',
  labelled: false,
  metric: 'perplexity',
});
