import {
  type BlockContext,
  type BlockOutput,
  defineFamily,
  type HeadKind,
  type ModelConfig,
  type ModelSpec,
  type ParameterSpec,
} from '@vflair/core/contract';
import { dimOf, flattenedDim, type Graph, type Value } from '@vflair/core/graph';
import { finding } from '@vflair/core/text';
import { activation } from '../blocks/activation.js';
import { configReader, labelCount } from '../blocks/config.js';
import { contradiction, padTokenOf } from '../blocks/decoder-config.js';
import { embedding } from '../blocks/embedding.js';
import { type Layer, layerOf } from '../blocks/layer.js';
import { linear } from '../blocks/linear.js';
import { headLoss } from '../blocks/loss.js';
import { linearSpecs, normSpecs, weightSpec } from '../blocks/parameters.js';
import { nextQuery, queryInputs, queryStream, targetMapping } from '../blocks/query-stream.js';
import { relativeAttention, relativeFrame } from '../blocks/relative-attention.js';
import { readSummary, summarise } from '../blocks/summary.js';

/** XLNet: relative attention in both directions, and a second stream that asks without looking. Yang et al. 2019, arXiv:1906.08237. */
export default defineFamily({
  id: 'xlnet',
  title: 'XLNet',
  paper: 'Yang et al. 2019, arXiv:1906.08237',
  modelTypes: ['xlnet'],
  architecture: 'encoder',
  heads: ['lm', 'cls', 'reg', 'qa'],
  blocks: (config) => configReader(config, 'xlnet').count('n_layer', 'num_hidden_layers'),
  read: (config, head, labels) =>
    describe(readConfig(config), head, labelCount(config, head, labels)),
});

function readConfig(config: ModelConfig) {
  const read = configReader(config, 'xlnet');
  const [hidden, heads] = [
    read.count('d_model', 'hidden_size'),
    read.count('n_head', 'num_attention_heads'),
  ];
  const headSize = hidden / heads;
  if (!Number.isInteger(headSize) || (read.optionalCount('d_head') ?? headSize) !== headSize)
    throw contradiction(`\`d_model\` ${hidden} is not \`n_head\` ${heads} times \`d_head\``);
  const direction = read.text('attn_type', 'bi');
  if (direction !== 'bi' && direction !== 'uni')
    throw finding(
      'VF532',
      `\`attn_type\` is "${direction}", which the xlnet family does not compute`,
      'it computes bi and uni',
    );
  const clamp = read.number('clamp_len', -1);
  return {
    hidden,
    heads,
    headSize,
    blocks: read.count('n_layer', 'num_hidden_layers'),
    inner: read.count('d_inner'),
    vocabulary: read.count('vocab_size', 'n_token'),
    epsilon: read.number('layer_norm_eps', 1e-12),
    activation: activation(read.text('ff_activation', 'gelu')),
    isBidirectional: direction === 'bi',
    hasSameLength: read.flag('same_length', false),
    hasBothDirections: read.flag('bi_data', false),
    clamp: clamp > 0 ? clamp : undefined,
    tied: read.flag('tie_word_embeddings', true),
    padToken: padTokenOf(config, 'xlnet', 5),
    positions: read.optionalCount('max_position_embeddings') ?? 512,
    summary: readSummary(config, 'xlnet'),
  };
}

type Config = ReturnType<typeof readConfig>;

const prefix = 'transformer.';
const table = `${prefix}word_embedding.weight`;
const maps = ['q', 'k', 'v', 'o', 'r'];

function layerKey(index: number): string {
  return `${prefix}layer.${index}.`;
}

function describe(config: Config, head: HeadKind, labels: number): ModelSpec {
  const isPooled = head === 'cls' || head === 'reg';
  // A token's own place is what is predicted there, so the labels of a language model are not shifted.
  const loss = head === 'lm' ? 'mlm' : head;
  return {
    family: 'xlnet',
    architecture: 'encoder',
    head,
    blocks: config.blocks,
    hidden: config.hidden,
    vocabulary: config.vocabulary,
    maxLength: config.positions,
    padToken: config.padToken,
    hasTokenTypes: false,
    labels,
    pooling: isPooled ? config.summary.pooling : 'none',
    cache: () => [],
    embeddingKey: table,
    defaultTargets: Array.from({ length: config.blocks }, (_, i) =>
      ['ff.layer_1', 'ff.layer_2'].map((name) => `${layerKey(i)}${name}.weight`),
    ).flat(),
    parameters: parameters(config, head, labels),
    aliases: (key) => (key.startsWith(prefix) ? [key.slice(prefix.length)] : []),
    inputs: queryInputs,
    companions: queryStream(config.hidden, `${prefix}mask_emb`),
    next: nextQuery,
    tokens: (input, ids) => embedding(input, table, ids),
    embed: (_, tokens) => tokens,
    block: (context, index, hidden) => block(context, { config, index, hidden }),
    final: (_, hidden) => hidden,
    logits: (context, hidden) => logits(context, { config, head, hidden }),
    ...headLoss(loss),
  };
}

interface Place {
  readonly config: Config;
  readonly index: number;
  readonly hidden: Value;
}

// h ← N(F(N(h + O·attend(Q·h, K·h, V·h)))), N a layer norm, F(x) = x + W₂·act(W₁·x); the query stream g has queries of its
// own, Q·g, at the positions that are asked for, and must not see what stands there.
function block(context: BlockContext, { config, index, hidden }: Place): BlockOutput {
  const { g, companions } = context;
  const layer = layerOf(context, layerKey(index), index);
  const frame = relativeFrame(context, config);
  const project = (name: string, x: Value, transB = false): Value =>
    projection(context, layerKey(index) + name, x, transB);
  const [key, value] = [project('rel_attn.k', hidden), project('rel_attn.v', hidden)];
  const distance = project('rel_attn.r', frame.distances);
  const bias = (name: string): Value =>
    context.parameters.weight(`${layerKey(index)}rel_attn.${name}`);
  const biases = {
    content: bias('r_w_bias'),
    distance: bias('r_r_bias'),
    type: bias('r_s_bias'),
    types: bias('seg_embed'),
  };
  const attend = (query: Value, unseen: Value): Value => {
    const options = { sizes: config, biases, hidden: unseen, differs: frame.differs };
    return relativeAttention(g, { query, key, value, distance }, options);
  };
  const settled = (stream: Value, attended: Value): Value =>
    feedForward(g, { layer, config }, g.add(project('rel_attn.o', attended, true), stream));
  const content = settled(hidden, attend(project('rel_attn.q', hidden), frame.hiddenContent));
  if (!companions.query) return { hidden: content, cache: {} };
  const targets = targetMapping(context);
  const asked = g.matMul(targets, project('rel_attn.q', companions.query), { transA: true });
  const found = g.matMul(targets, attend(asked, frame.hiddenQuery));
  const query = settled(companions.query, found);
  context.observe(`g.hidden.${index + 1}`, query);
  return { hidden: content, cache: {}, companions: { query } };
}

// N(F(N(x))).
function feedForward(
  g: Graph,
  { layer, config }: { readonly layer: Layer; readonly config: Config },
  x: Value,
): Value {
  const normal = layer.layerNorm('rel_attn.layer_norm', x, config.epsilon);
  const inner = config.activation(g, layer.map('ff.layer_1', normal));
  return layer.layerNorm(
    'ff.layer_norm',
    g.add(layer.map('ff.layer_2', inner), normal),
    config.epsilon,
  );
}

/** x·W, or x·Wᵀ where `transB`, for W stored as `[hidden, heads, headSize]`. */
function projection({ g, parameters }: BlockContext, key: string, x: Value, transB = false): Value {
  const stored = parameters.weight(key);
  const weight = g.reshape(stored, [dimOf(stored, 0), flattenedDim(stored, [1, 2])]);
  const flat = g.reshape(x, [flattenedDim(x, [0, 1]), dimOf(x, 2)]);
  const y = g.gemm(flat, weight, { transB });
  return g.reshape(y, [dimOf(x, 0), dimOf(x, 1), dimOf(weight, transB ? 0 : 1)]);
}

/** What a head reads: the query stream where there is one. */
function readStream({ g, companions, observe }: BlockContext, hidden: Value): Value {
  const { query } = companions;
  if (!query) return hidden;
  const stream = g.inputs.includes(query) ? g.identity(query) : query;
  observe('g.hidden.final', stream);
  return stream;
}

function logits(
  context: BlockContext,
  {
    config,
    head,
    hidden,
  }: { readonly config: Config; readonly head: HeadKind; readonly hidden: Value },
): Value {
  const { g, parameters } = context;
  const map = (name: string, x: Value, weight = `${name}.weight`): Value =>
    linear(g, parameters, x, { weight, bias: `${name}.bias` });
  const stream = readStream(context, hidden);
  if (head === 'lm') return map('lm_loss', stream, config.tied ? table : 'lm_loss.weight');
  if (head === 'qa') return map('qa_outputs', stream);
  return map('logits_proj', summarise(context, config.summary, stream));
}

function parameters(config: Config, head: HeadKind, labels: number): ParameterSpec[] {
  const { hidden, heads, headSize, inner } = config;
  const blocks = Array.from({ length: config.blocks }, (_, index) => {
    const key = layerKey(index);
    const weight = (name: string, shape: readonly number[]): ParameterSpec =>
      weightSpec(`${key}rel_attn.${name}`, shape, index);
    return [
      ...maps.map((name) => weight(name, [hidden, heads, headSize])),
      ...['r_r_bias', 'r_s_bias', 'r_w_bias'].map((name) => weight(name, [heads, headSize])),
      weight('seg_embed', [2, heads, headSize]),
      ...normSpecs(`${key}rel_attn.layer_norm`, hidden, index),
      ...linearSpecs(`${key}ff.layer_1`, [inner, hidden], index),
      ...linearSpecs(`${key}ff.layer_2`, [hidden, inner], index),
      ...normSpecs(`${key}ff.layer_norm`, hidden, index),
    ];
  });
  return [
    {
      ...weightSpec(table, [config.vocabulary, hidden], 'embed'),
      places: head === 'lm' && config.tied ? ['embed', 'output'] : ['embed'],
    },
    weightSpec(`${prefix}mask_emb`, [1, 1, hidden], 'embed'),
    ...blocks.flat(),
    ...headParameters(config, head, labels),
  ];
}

function headParameters(
  { hidden, vocabulary, tied, summary }: Config,
  head: HeadKind,
  labels: number,
): ParameterSpec[] {
  if (head === 'qa') return linearSpecs('qa_outputs', [2, hidden], 'output');
  if (head === 'lm')
    return linearSpecs('lm_loss', [vocabulary, hidden], 'output').slice(tied ? 1 : 0);
  return [
    ...(summary.hasMap ? linearSpecs(summary.map, [hidden, hidden], 'output') : []),
    ...linearSpecs('logits_proj', [labels, hidden], 'output'),
  ];
}
