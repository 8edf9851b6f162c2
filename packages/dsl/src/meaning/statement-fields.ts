import type { Fields } from '@vflair/core/contract';

const rows = (description: string) =>
  ({ type: 'integer', minimum: 0, optional: true, description }) as const;

/** `data "…" { … }` besides `columns`. */
export const dataFields: Fields = {
  train: rows('Rows to train on: the first n after a seeded shuffle; all when absent.'),
  test: rows('Rows to test on: the first n after a seeded shuffle; all when absent.'),
  'max-length': {
    type: 'integer',
    minimum: 1,
    optional: true,
    description: 'Longest sequence in tokens; the model’s own when absent.',
  },
  'test-file': { type: 'string', optional: true, description: 'A file with the rows to test on.' },
};

const training: Fields = {
  epochs: {
    type: 'number',
    exclusiveMinimum: 0,
    default: 1,
    description: 'Passes over the rows to train on.',
  },
  batch: { type: 'integer', minimum: 1, default: 16, description: 'Rows in one step.' },
  'learning-rate': {
    type: 'number',
    exclusiveMinimum: 0,
    default: 1e-4,
    description: 'Step size of the optimiser.',
  },
  slices: {
    type: 'array',
    items: { type: 'string' },
    optional: true,
    description: 'Slices that are trained; all when absent.',
  },
  'weight-decay': {
    type: 'number',
    minimum: 0,
    default: 0,
    description: 'Decoupled weight decay.',
  },
  clip: {
    type: 'number',
    exclusiveMinimum: 0,
    optional: true,
    description: 'Largest norm of the gradient; not clipped when absent.',
  },
};

/** `finetune lora { … }`, `finetune full { … }`. */
export const finetuneFields: { readonly [method: string]: Fields } = {
  full: training,
  lora: {
    rank: { type: 'integer', minimum: 1, default: 4, description: 'Rank of the adapters.' },
    alpha: {
      type: 'number',
      exclusiveMinimum: 0,
      default: 32,
      description: 'Adapters are scaled by alpha / rank.',
    },
    ...training,
    targets: {
      type: 'array',
      items: { type: 'string' },
      default: [],
      description: 'Projections that get adapters; the family’s query and value when empty.',
    },
  },
};

/** Of `infer`, `model` and what has no fields so far. */
export const noFields: Fields = {};

/** `on test { … }`. */
export const targetFields: Fields = {
  samples: {
    type: 'integer',
    minimum: 1,
    optional: true,
    description: 'Rows attacked, a seeded draw; 100 when absent, or all if fewer.',
  },
};

/** `auxiliary "…" { … }` besides `columns`. */
export const auxiliaryFields: Fields = {
  rows: {
    type: 'integer',
    minimum: 1,
    optional: true,
    description: 'Rows the adversary holds; all when absent.',
  },
};

const balance: Fields = {
  beta: {
    type: 'number',
    minimum: 0,
    maximum: 1,
    default: 0.5,
    description: 'Weight of utility; 1 − beta weighs privacy.',
  },
};

/** What `measure` can name, with the fields of each. */
export const measureFields: { readonly [name: string]: Fields } = {
  task: noFields,
  recovery: noFields,
  labels: noFields,
  privacy: noFields,
  bytes: noFields,
  timing: noFields,
  dcs: balance,
  't-dcs': balance,
  'c-dcs': balance,
  'adjusted-dcs': balance,
};

/** Metrics that tasks and attacks record, which `measure` may name one by one. */
export const metricNames: readonly string[] = [
  'accuracy',
  'mcc',
  'f1',
  'pearson',
  'spearman',
  'mse',
  'squad-em',
  'squad-f1',
  'next-word-accuracy',
  'perplexity',
  'rouge-1',
  'rouge-2',
  'rouge-l',
  'bleu',
  'exact-number',
  'positional-accuracy',
  'bag-precision',
  'bag-recall',
  'bag-f1',
  'reference-precision',
  'reference-recall',
  'exact-match',
  'label-accuracy',
  'label-auc',
  'leak-auc',
];

/** Devices a text may ask for; whether they are there is found out by running. */
export const deviceKinds: readonly string[] = [
  'auto',
  'cpu',
  'cuda',
  'webgpu',
  'dml',
  'coreml',
  'tensorrt',
];

/** Default of `seed`. */
export const defaultSeed = 60;
