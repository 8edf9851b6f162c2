import { defineTask } from '@vflair/core/contract';

/** One class per row; the head of the tail is new and drawn from the seed. */
export default defineTask({
  id: 'classification',
  title: 'Classification of whole rows',
  params: {
    labels: {
      type: 'integer',
      minimum: 2,
      optional: true,
      description: 'Number of classes; what the data say when absent.',
    },
  },
  head: 'cls',
  labelled: true,
  metric: 'accuracy',
});
