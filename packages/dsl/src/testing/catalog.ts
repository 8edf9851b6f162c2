import type { Catalog, CatalogEntry, Fields, PluginKind } from '@vflair/core/contract';

const blank = {
  version: '0.1.0',
  params: {},
  source: '',
  needs: [],
  wants: [],
  guesses: '',
  at: [],
  topologies: [],
  architectures: [],
  facts: {},
  module: '',
};

const entry = (kind: PluginKind, id: string, more: Partial<CatalogEntry> = {}): CatalogEntry => ({
  ...blank,
  kind,
  id,
  title: id,
  ...more,
});

const steps = (standard: number): Fields => ({
  steps: { type: 'integer', minimum: 1, default: standard, description: 'Steps of the optimiser.' },
  'learning-rate': {
    type: 'number',
    exclusiveMinimum: 0,
    default: 0.01,
    description: 'Step size.',
  },
  loss: {
    type: 'string',
    enum: ['squared', 'cosine'],
    default: 'squared',
    description: 'What is compared.',
  },
});

const attacks: readonly CatalogEntry[] = [
  entry('attack', 'vmi', { needs: ['activations', 'head'], guesses: 'tokens', params: steps(100) }),
  entry('attack', 'bisr', {
    needs: ['activations', 'head', 'auxiliary'],
    wants: ['gradients'],
    guesses: 'tokens',
    params: steps(100),
  }),
  entry('attack', 'learned-inversion', { needs: ['activations', 'auxiliary'], guesses: 'tokens' }),
  entry('attack', 'norm-scoring', { needs: ['gradients'], guesses: 'label-scores' }),
  entry('attack', 'direct-label', {
    needs: ['gradients'],
    guesses: 'labels',
    topologies: ['head-tail'],
  }),
  entry('attack', 'causal-inversion', {
    needs: ['activations', 'head'],
    guesses: 'tokens',
    architectures: ['decoder'],
    params: {
      beam: { type: 'integer', minimum: 1, default: 1, description: 'Candidates kept.' },
      order: {
        type: 'string',
        enum: ['scan', 'gradient'],
        default: 'scan',
        description: 'Order of candidates.',
      },
    },
  }),
  entry('attack', 'model-completion', {
    needs: ['responses', 'tail'],
    guesses: 'tokens',
    topologies: ['head-body-tail'],
  }),
];

const weight: Fields = {
  weight: { type: 'number', minimum: 0, default: 0.1, description: 'Weight in the loss.' },
};

const defenses: readonly CatalogEntry[] = [
  entry('defense', 'clip', {
    at: ['forward-out', 'backward-out'],
    params: {
      norm: {
        type: 'number',
        exclusiveMinimum: 0,
        description: 'Largest norm of a row.',
      },
    },
  }),
  entry('defense', 'mid', { at: ['forward-out', 'objective'], params: weight }),
  entry('defense', 'sparsify', {
    at: ['forward-out', 'backward-out'],
    params: {
      rate: {
        type: 'number',
        minimum: 0,
        exclusiveMaximum: 1,
        default: 0.95,
        description: 'Share of entries set to zero.',
      },
    },
  }),
  entry('defense', 'dp', {
    at: ['forward-out'],
    params: {
      mechanism: {
        type: 'string',
        enum: ['gaussian', 'laplace'],
        default: 'gaussian',
        description: 'Noise.',
      },
      epsilon: { type: 'number', exclusiveMinimum: 0, description: 'Budget.' },
      delta: {
        type: 'number',
        exclusiveMinimum: 0,
        exclusiveMaximum: 1,
        default: 1e-5,
        description: 'Failure.',
      },
      clip: { type: 'number', exclusiveMinimum: 0, default: 1, description: 'Largest norm.' },
    },
  }),
  entry('defense', 'santext', {
    at: ['text'],
    params: {
      epsilon: { type: 'number', exclusiveMinimum: 0, default: 10, description: 'Budget.' },
    },
  }),
];

const tasks: readonly CatalogEntry[] = [
  entry('task', 'classification', {
    params: { labels: { type: 'integer', minimum: 2, description: 'Number of classes.' } },
    facts: { head: 'cls', labelled: true },
  }),
  entry('task', 'next-word', {
    facts: { head: 'lm', labelled: false },
  }),
  entry('task', 'generation', {
    facts: { head: 'lm', labelled: false, generates: true, trains: false },
    params: {
      'max-tokens': { type: 'integer', minimum: 1, default: 32, description: 'Longest answer.' },
      temperature: { type: 'number', minimum: 0, default: 0, description: '0 is greedy.' },
      'top-p': {
        type: 'number',
        exclusiveMinimum: 0,
        maximum: 1,
        optional: true,
        description: 'Mass kept.',
      },
      stop: {
        type: 'array',
        items: { type: 'string' },
        default: [],
        description: 'Texts that end it.',
      },
    },
  }),
];

const rest: readonly CatalogEntry[] = [
  entry('dataset', 'sst2', { facts: { classes: ['negative', 'positive'] } }),
  entry('dataset', 'mails', { facts: { classes: ['ham', 'spam'] } }),
  entry('dataset', 'speeches', { facts: { classes: [] } }),
  entry('dataset', 'public-reviews', { facts: { classes: ['negative', 'positive'] } }),
  entry('model', 'gpt2', { facts: { family: 'gpt2', blocks: 12, architecture: 'decoder' } }),
  entry('model', 'tiny-gpt2', { facts: { family: 'gpt2', blocks: 4, architecture: 'decoder' } }),
  entry('model', 'tiny-bert', { facts: { family: 'bert', blocks: 4, architecture: 'encoder' } }),
  entry('family', 'gpt2', {
    architectures: ['decoder'],
    facts: { modelTypes: ['gpt2'], heads: ['lm', 'cls'], depthKey: 'n_layer' },
  }),
  entry('family', 'llama', {
    architectures: ['decoder'],
    facts: { modelTypes: ['llama'], heads: ['lm', 'cls'], depthKey: 'num_hidden_layers' },
  }),
  entry('family', 'bert', {
    architectures: ['encoder'],
    facts: { modelTypes: ['bert'], heads: ['cls', 'mlm'], depthKey: 'num_hidden_layers' },
  }),
];

/** A catalog that no package brings: enough to try every check on. */
export const testCatalog: Catalog = { entries: [...attacks, ...defenses, ...tasks, ...rest] };
