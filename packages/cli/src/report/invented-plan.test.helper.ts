import type {
  AdversaryPlan,
  DefensePlan,
  PipelinePlan,
  Plan,
  SlicePlan,
} from '@vflair/core/contract';

const hbt: readonly SlicePlan[] = [
  { name: 'head', from: 'embed', to: 2, owner: 'client', role: 'head' },
  { name: 'body', from: 3, to: 8, owner: 'server', role: 'body' },
  { name: 'tail', from: 9, to: 'output', owner: 'client', role: 'tail' },
];

const headTail: readonly SlicePlan[] = [
  { name: 'head', from: 'embed', to: 2, owner: 'client', role: 'head' },
  { name: 'top', from: 3, to: 'output', owner: 'server', role: 'tail' },
];

const curious: AdversaryPlan = {
  name: 'curious',
  at: 'server',
  knows: ['architecture', 'tokenizer', 'pretrained head', 'defense'],
  sees: ['activations', 'gradients'],
  auxiliary: { kind: 'catalog', ref: 'public-mails', rows: 300, columns: {} },
};

const attackLine = (id: string, split: 'test' | 'train' | 'generate' = 'test') =>
  ({
    adversary: 'curious',
    chain: [{ id, version: '0.1.0', params: {} }],
    split,
    samples: 200,
  }) as const;

const defend = (
  from: string,
  to: string,
  chain: readonly (readonly [string, DefensePlan['chain'][number]['params']])[],
): DefensePlan => ({
  from,
  to,
  point: from === 'head' ? 'forward-out' : 'backward-out',
  chain: chain.map(([id, params]) => ({ id, version: '0.1.0', params })),
});

/** The undefended pipeline the others start from. */
export const plainPipeline: PipelinePlan = {
  name: 'plain',
  about: 'What an honest-but-curious model provider learns from fine-tuning a spam filter.',
  seed: 60,
  model: { kind: 'catalog', ref: 'tiny-gpt2', family: 'gpt2', blocks: 12 },
  data: {
    kind: 'catalog',
    ref: 'spam-assassin',
    testFile: null,
    train: 2000,
    test: 500,
    maxLength: 64,
    columns: {},
  },
  task: { id: 'classification', params: { labels: 2 } },
  parties: [
    { name: 'client', device: { kind: 'cpu', index: 0 }, holds: ['data', 'labels'] },
    { name: 'server', device: { kind: 'cuda', index: 0 }, holds: [] },
  ],
  slices: hbt,
  work: { kind: 'finetune', method: 'lora', params: { rank: 4, epochs: 3 } },
  defenses: [],
  adversaries: [curious],
  attacks: [attackLine('vmi'), attackLine('learned-inversion')],
  measure: [{ name: 'task', params: {} }],
  streams: ['data', 'dropout', 'attack'],
};

const others: readonly PipelinePlan[] = [
  {
    ...plainPipeline,
    name: 'sparsified',
    about: '',
    defenses: [
      defend('head', 'body', [['sparsify', { rate: 0.9 }]]),
      defend('tail', 'body', [['sparsify', { rate: 0.95 }]]),
    ],
  },
  {
    ...plainPipeline,
    name: 'dp-8',
    about: '',
    defenses: [defend('head', 'body', [['dp', { mechanism: 'gaussian', epsilon: 8, clip: 1 }]])],
  },
  {
    ...plainPipeline,
    name: 'dp-512',
    about: '',
    defenses: [defend('head', 'body', [['dp', { mechanism: 'gaussian', epsilon: 512, clip: 1 }]])],
  },
  {
    ...plainPipeline,
    name: 'head-tail',
    about: 'The provider keeps the output layer, so it must be told how wrong it was.',
    slices: headTail,
    attacks: [attackLine('direct-label', 'train'), attackLine('norm-scoring', 'train')],
  },
  {
    ...plainPipeline,
    name: 'chat',
    about: 'Private inference: nothing is trained.',
    model: { kind: 'catalog', ref: 'gpt2', family: 'gpt2', blocks: 12 },
    task: { id: 'generation', params: { 'max-tokens': 32 } },
    work: { kind: 'infer', params: {} },
    adversaries: [{ ...curious, sees: ['activations', 'responses'], auxiliary: null }],
    attacks: [
      attackLine('causal-inversion', 'generate'),
      attackLine('model-completion', 'generate'),
    ],
  },
];

/** Six pipelines: plain, sparsify, dp at two ε, head-tail, chat. */
export const inventedPlan: Plan = { schema: 1, pipelines: [plainPipeline, ...others] };
