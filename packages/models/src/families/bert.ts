import {
  type BlockContext,
  defineFamily,
  type EmbedInput,
  type HeadKind,
  type ModelConfig,
  type ModelSpec,
  type ParameterSpec,
} from '@vflair/core/contract';
import { dimOf, type Value } from '@vflair/core/graph';
import { finding } from '@vflair/core/text';
import { activation } from '../blocks/activation.js';
import { attention } from '../blocks/attention.js';
import { configReader, labelCount } from '../blocks/config.js';
import { embedding } from '../blocks/embedding.js';
import { linear } from '../blocks/linear.js';
import { headLoss, headRowLoss } from '../blocks/loss.js';
import { linearSpecs, normSpecs, weightSpec } from '../blocks/parameters.js';

/** BERT: post-norm bidirectional encoder with learned positions. Devlin et al. 2019, arXiv:1810.04805; names as in transformers. */
export default defineFamily({
  id: 'bert',
  title: 'BERT',
  paper: 'Devlin et al. 2019, arXiv:1810.04805',
  modelTypes: ['bert'],
  architecture: 'encoder',
  heads: ['cls', 'reg', 'qa', 'mlm'],
  blocks: (config) => configReader(config, 'bert').count('num_hidden_layers'),
  read: (config, head, labels) =>
    describe(readSizes(config), head, head === 'reg' ? 1 : labelCount(config, labels)),
});

function readSizes(config: ModelConfig) {
  const read = configReader(config, 'bert');
  read.only('is_decoder', [false]);
  read.only('add_cross_attention', [false]);
  read.only('position_embedding_type', ['absolute']);
  const hidden = read.count('hidden_size');
  const heads = read.count('num_attention_heads');
  if (hidden % heads !== 0) {
    throw finding(
      'VF523',
      `\`hidden_size\` ${hidden} is not a multiple of \`num_attention_heads\` ${heads}`,
      'correct config.json',
    );
  }
  return {
    hidden,
    heads,
    blocks: read.count('num_hidden_layers'),
    vocabulary: read.count('vocab_size'),
    positions: read.count('max_position_embeddings'),
    types: read.count('type_vocab_size'),
    inner: read.count('intermediate_size'),
    epsilon: read.number('layer_norm_eps', 1e-12),
    activation: activation(read.text('hidden_act', 'gelu')),
    tied: read.flag('tie_word_embeddings', true),
    padToken: read.optionalCount('pad_token_id'),
  };
}

type Sizes = ReturnType<typeof readSizes>;

const prefix = 'bert.';
const embeddings = `${prefix}embeddings`;
const table = `${embeddings}.word_embeddings.weight`;

function describe(sizes: Sizes, head: HeadKind, labels: number): ModelSpec {
  return {
    family: 'bert',
    architecture: 'encoder',
    head,
    blocks: sizes.blocks,
    hidden: sizes.hidden,
    vocabulary: sizes.vocabulary,
    maxLength: sizes.positions,
    padToken: sizes.padToken,
    hasTokenTypes: true,
    labels,
    pooling: head === 'cls' || head === 'reg' ? 'first' : 'none',
    cache: () => [],
    embeddingKey: table,
    defaultTargets: Array.from({ length: sizes.blocks }, (_, i) =>
      ['query', 'value'].map((name) => `${prefix}encoder.layer.${i}.attention.self.${name}.weight`),
    ).flat(),
    parameters: parameters(sizes, head, labels),
    aliases,
    tokens: (input, ids) => embedding(input, table, ids, sizes.padToken),
    embed: (input, tokens) => embed(input, tokens, sizes),
    block: (context, index, hidden) => block(context, { sizes, index, hidden }),
    final: (_, hidden) => hidden,
    logits: (context, hidden) => logits(context, hidden, { sizes, head }),
    loss: headLoss(head),
    rowLoss: headRowLoss(head),
  };
}

/** Base-model files have no prefix; the oldest ones call a norm's weight and bias gamma and beta. */
function aliases(key: string): string[] {
  const old = key
    .replace('LayerNorm.weight', 'LayerNorm.gamma')
    .replace('LayerNorm.bias', 'LayerNorm.beta');
  const names = old === key ? [key] : [key, old];
  return names
    .flatMap((name) => (name.startsWith(prefix) ? [name, name.slice(prefix.length)] : [name]))
    .slice(1);
}

function norm(
  g: BlockContext['g'],
  p: BlockContext['parameters'],
  x: Value,
  key: { name: string; epsilon: number },
): Value {
  return g.layerNorm(x, p.weight(`${key.name}.weight`), {
    bias: p.weight(`${key.name}.bias`),
    epsilon: key.epsilon,
  });
}

function embed(input: EmbedInput, tokens: Value, { epsilon }: Sizes): Value {
  const { g, parameters, positions, tokenTypes } = input;
  const places = embedding(input, `${embeddings}.position_embeddings.weight`, positions);
  const types = embedding(
    input,
    `${embeddings}.token_type_embeddings.weight`,
    tokenTypes ?? g.mul(positions, g.scalar(0, 'int64')),
  );
  return norm(g, parameters, g.add(g.add(tokens, types), places), {
    name: `${embeddings}.LayerNorm`,
    epsilon,
  });
}

// x ← LN(x + Attention(x));  x ← LN(x + W₂·act(W₁·x)).
function block(
  context: BlockContext,
  { sizes, index, hidden }: { sizes: Sizes; index: number; hidden: Value },
) {
  const { g, parameters: p } = context;
  const key = `${prefix}encoder.layer.${index}`;
  const map = (name: string, x: Value): Value =>
    linear(g, p, x, { weight: `${key}.${name}.weight`, bias: `${key}.${name}.bias` });
  const settle = (x: Value, name: string): Value =>
    norm(g, p, x, { name: `${key}.${name}.LayerNorm`, epsilon: sizes.epsilon });
  const [query, keys, values] = ['query', 'key', 'value'].map((name) =>
    map(`attention.self.${name}`, hidden),
  ) as [Value, Value, Value];
  const headSize = sizes.hidden / sizes.heads;
  const scale = 1 / Math.sqrt(headSize);
  const attended = attention(context, {
    block: index,
    query,
    key: keys,
    value: values,
    heads: sizes.heads,
    headSize,
    scale,
    causal: false,
  });
  const middle = settle(g.add(map('attention.output.dense', attended), hidden), 'attention.output');
  const inner = sizes.activation(g, map('intermediate.dense', middle));
  return {
    hidden: settle(g.add(map('output.dense', inner), middle), 'output'),
    cache: {},
  };
}

function logits(
  { g, parameters: p }: BlockContext,
  hidden: Value,
  { sizes, head }: { sizes: Sizes; head: HeadKind },
): Value {
  const map = (name: string, x: Value): Value =>
    linear(g, p, x, { weight: `${name}.weight`, bias: `${name}.bias` });
  if (head === 'qa') return map('qa_outputs', hidden);
  if (head === 'mlm') {
    const changed = sizes.activation(g, map('cls.predictions.transform.dense', hidden));
    const settled = norm(g, p, changed, {
      name: 'cls.predictions.transform.LayerNorm',
      epsilon: sizes.epsilon,
    });
    const output = sizes.tied ? table : 'cls.predictions.decoder.weight';
    return linear(g, p, settled, { weight: output, bias: 'cls.predictions.bias' });
  }
  const first = g.squeeze(g.slice(hidden, 1, { start: 0, end: 1, size: 1 }), [1]);
  return map(
    'classifier',
    g.tanh(map(`${prefix}pooler.dense`, g.reshape(first, [dimOf(first, 0), sizes.hidden]))),
  );
}

function parameters(sizes: Sizes, head: HeadKind, labels: number): ParameterSpec[] {
  const { hidden, inner } = sizes;
  const padding = sizes.padToken === undefined ? {} : { paddingRow: sizes.padToken };
  const blocks = Array.from({ length: sizes.blocks }, (_, i) => {
    const key = `${prefix}encoder.layer.${i}`;
    return [
      ...['query', 'key', 'value'].flatMap((name) =>
        linearSpecs(`${key}.attention.self.${name}`, [hidden, hidden], i),
      ),
      ...linearSpecs(`${key}.attention.output.dense`, [hidden, hidden], i),
      ...normSpecs(`${key}.attention.output.LayerNorm`, hidden, i),
      ...linearSpecs(`${key}.intermediate.dense`, [inner, hidden], i),
      ...linearSpecs(`${key}.output.dense`, [hidden, inner], i),
      ...normSpecs(`${key}.output.LayerNorm`, hidden, i),
    ];
  });
  const tied = head === 'mlm' && sizes.tied;
  return [
    {
      key: table,
      shape: [sizes.vocabulary, hidden],
      places: tied ? ['embed', 'output'] : ['embed'],
      init: 'normal',
      ...padding,
    },
    weightSpec(`${embeddings}.position_embeddings.weight`, [sizes.positions, hidden], 'embed'),
    weightSpec(`${embeddings}.token_type_embeddings.weight`, [sizes.types, hidden], 'embed'),
    ...normSpecs(`${embeddings}.LayerNorm`, hidden, 'embed'),
    ...blocks.flat(),
    ...headParameters(sizes, head, labels),
  ];
}

function headParameters(sizes: Sizes, head: HeadKind, labels: number): ParameterSpec[] {
  const { hidden, vocabulary } = sizes;
  if (head === 'qa') return linearSpecs('qa_outputs', [2, hidden], 'output');
  if (head === 'mlm') {
    const decoder = weightSpec('cls.predictions.decoder.weight', [vocabulary, hidden], 'output');
    return [
      ...linearSpecs('cls.predictions.transform.dense', [hidden, hidden], 'output'),
      ...normSpecs('cls.predictions.transform.LayerNorm', hidden, 'output'),
      { key: 'cls.predictions.bias', shape: [vocabulary], places: ['output'], init: 'zeros' },
      ...(sizes.tied ? [] : [decoder]),
    ];
  }
  return [
    ...linearSpecs(`${prefix}pooler.dense`, [hidden, hidden], 'output'),
    ...linearSpecs('classifier', [labels, hidden], 'output'),
  ];
}
