import {
  type BlockContext,
  type BlockOutput,
  type CacheEntry,
  defineFamily,
  type HeadKind,
  type ModelConfig,
  type ModelSpec,
  type ParameterSpec,
} from '@vflair/core/contract';
import type { Value } from '@vflair/core/graph';
import { at, finding } from '@vflair/core/text';
import { activation } from '../blocks/activation.js';
import { causalConvolution } from '../blocks/causal-convolution.js';
import { configReader } from '../blocks/config.js';
import { embedding } from '../blocks/embedding.js';
import { linear } from '../blocks/linear.js';
import { headLoss } from '../blocks/loss.js';
import { once } from '../blocks/once.js';
import { linearSpecs, weightSpec } from '../blocks/parameters.js';
import { rmsNorm } from '../blocks/rms-norm.js';
import { selectiveScan } from '../blocks/selective-scan.js';

/** Mamba: blocks of a causal convolution and a selective state space, no attention. Gu & Dao 2023, arXiv:2312.00752; names as in transformers. */
export default defineFamily({
  id: 'mamba',
  title: 'Mamba',
  paper: 'Gu & Dao 2023, arXiv:2312.00752',
  modelTypes: ['mamba'],
  architecture: 'decoder',
  heads: ['lm'],
  blocks: (config) => configReader(config, 'mamba').count('num_hidden_layers', 'n_layer'),
  read: (config, head) => describe(readSizes(config), head),
});

// The family has no table of positions and computes texts of any length; rows of data sets are cut here.
const maxLength = 4096;

function readSizes(config: ModelConfig) {
  const read = configReader(config, 'mamba');
  const hidden = read.count('hidden_size', 'd_model');
  return {
    hidden,
    inner: innerSize(config, hidden),
    blocks: read.count('num_hidden_layers', 'n_layer'),
    vocabulary: read.count('vocab_size'),
    state: read.count('state_size'),
    kernel: read.count('conv_kernel'),
    rank: config.time_step_rank === 'auto' ? Math.ceil(hidden / 16) : read.count('time_step_rank'),
    epsilon: read.number('layer_norm_epsilon', 1e-5),
    activation: activation(read.text('hidden_act', 'silu')),
    hasBias: read.flag('use_bias', false),
    hasConvolutionBias: read.flag('use_conv_bias', true),
    tied: read.flag('tie_word_embeddings', true),
    padToken: read.optionalCount('pad_token_id'),
  };
}

type Sizes = ReturnType<typeof readSizes>;

/** Width inside a block: what the config says twice has to agree. */
function innerSize(config: ModelConfig, hidden: number): number {
  const read = configReader(config, 'mamba');
  const stated = read.optionalCount('intermediate_size');
  const expanded = Math.trunc(read.number('expand', 2) * hidden);
  if (stated !== undefined && config.expand !== undefined && stated !== expanded) {
    throw finding(
      'VF523',
      `\`intermediate_size\` ${stated} is not \`expand\` × \`hidden_size\`, ${expanded}`,
      'correct config.json',
    );
  }
  return stated ?? expanded;
}

const prefix = 'backbone.';
const table = `${prefix}embeddings.weight`;

function describe(sizes: Sizes, head: HeadKind): ModelSpec {
  const output = { weight: sizes.tied ? table : 'lm_head.weight' };
  return {
    family: 'mamba',
    architecture: 'decoder',
    head,
    blocks: sizes.blocks,
    hidden: sizes.hidden,
    vocabulary: sizes.vocabulary,
    maxLength,
    padToken: sizes.padToken,
    hasTokenTypes: false,
    labels: 0,
    pooling: 'none',
    cache: () => remembered(sizes),
    embeddingKey: table,
    defaultTargets: Array.from({ length: sizes.blocks }, (_, i) =>
      ['in_proj', 'x_proj'].map((name) => `${prefix}layers.${i}.mixer.${name}.weight`),
    ).flat(),
    parameters: parameters(sizes),
    aliases,
    tokens: (input, ids) => embedding(input, table, ids),
    embed: (_, tokens) => tokens,
    block: (context, index, hidden) => block(context, { sizes, index, hidden }),
    final: ({ g, parameters: p }, hidden) =>
      rmsNorm(g, p, hidden, { key: `${prefix}norm_f.weight`, epsilon: sizes.epsilon }),
    logits: ({ g, parameters: p }, hidden) => linear(g, p, hidden, output),
    ...headLoss(head),
  };
}

/** What a block carries on: the last inputs of the convolution and the state of the recurrence. */
function remembered({ inner, state, kernel }: Sizes): CacheEntry[] {
  const window: CacheEntry = { name: 'window', shape: [kernel - 1, inner], kind: 'state' };
  const entry: CacheEntry = { name: 'state', shape: [inner, state], kind: 'state' };
  return kernel > 1 ? [window, entry] : [entry];
}

/** Base-model files have no prefix; the oldest ones call the table `embedding`. */
function aliases(key: string): string[] {
  const names = key === table ? [key, `${prefix}embedding.weight`] : [key];
  return names
    .flatMap((name) => (name.startsWith(prefix) ? [name, name.slice(prefix.length)] : [name]))
    .slice(1);
}

// x ← x + W_out·(SSM(act(conv(u))) ⊙ act(z)),  u ‖ z = W_in·RMS(x);  padding is zeros before W_in and after the convolution.
function block(
  context: BlockContext,
  { sizes, index, hidden }: { sizes: Sizes; index: number; hidden: Value },
): BlockOutput {
  const { g, parameters: p } = context;
  const key = `${prefix}layers.${index}.mixer`;
  const map = (name: string, x: Value): Value =>
    linear(g, p, x, {
      weight: `${key}.${name}.weight`,
      ...(sizes.hasBias ? { bias: `${key}.${name}.bias` } : {}),
    });
  const past = context.past?.of(index);
  const norm = { key: `${prefix}layers.${index}.norm.weight`, epsilon: sizes.epsilon };
  const normal = rmsNorm(g, p, hidden, norm);
  const fused = map('in_proj', withoutPadding(context, normal));
  const halves = g.split(fused, [sizes.inner, sizes.inner], -1);
  const convolution = {
    weight: p.weight(`${key}.conv1d.weight`),
    bias: sizes.hasConvolutionBias ? p.weight(`${key}.conv1d.bias`) : undefined,
    kernel: sizes.kernel,
  };
  const { result, last } = causalConvolution(g, at(halves, 0), convolution, past?.window);
  const u = withoutPadding(context, sizes.activation(g, result));
  const { y, state } = selectiveScan(context, u, { ...sizes, key }, past?.state);
  const gated = g.mul(y, sizes.activation(g, at(halves, 1)));
  const window = sizes.kernel > 1 ? { window: last } : {};
  return { hidden: g.add(hidden, map('out_proj', gated)), cache: { state, ...window } };
}

/** `x` with zeros at positions that hold no token. */
function withoutPadding(context: BlockContext, x: Value): Value {
  const { g, mask } = context;
  return g.mul(
    x,
    once(context, 'real', () => g.unsqueeze(g.cast(mask, 'float32'), [2])),
  );
}

function parameters(sizes: Sizes): ParameterSpec[] {
  const { hidden, vocabulary, tied } = sizes;
  const norm = (key: string, place: number | 'output'): ParameterSpec => ({
    key,
    shape: [hidden],
    places: [place],
    init: 'ones',
  });
  const blocks = Array.from({ length: sizes.blocks }, (_, i) => [
    norm(`${prefix}layers.${i}.norm.weight`, i),
    ...mixerParameters(sizes, i),
  ]);
  return [
    {
      key: table,
      shape: [vocabulary, hidden],
      places: tied ? ['embed', 'output'] : ['embed'],
      init: 'normal',
    },
    ...blocks.flat(),
    norm(`${prefix}norm_f.weight`, 'output'),
    ...(tied ? [] : [weightSpec('lm_head.weight', [vocabulary, hidden], 'output')]),
  ];
}

function mixerParameters(sizes: Sizes, place: number): ParameterSpec[] {
  const { hidden, inner, state, kernel, rank, hasBias, hasConvolutionBias } = sizes;
  const key = `${prefix}layers.${place}.mixer`;
  const biased = (name: string, shape: readonly [number, number]): ParameterSpec[] =>
    linearSpecs(`${key}.${name}`, shape, place).slice(0, hasBias ? 2 : 1);
  const vector = (name: string, init: 'zeros' | 'ones'): ParameterSpec => ({
    key: `${key}.${name}`,
    shape: [inner],
    places: [place],
    init,
  });
  return [
    ...biased('in_proj', [2 * inner, hidden]),
    weightSpec(`${key}.conv1d.weight`, [inner, 1, kernel], place),
    ...(hasConvolutionBias ? [vector('conv1d.bias', 'zeros')] : []),
    weightSpec(`${key}.x_proj.weight`, [rank + 2 * state, inner], place),
    ...linearSpecs(`${key}.dt_proj`, [inner, rank], place),
    { ...weightSpec(`${key}.A_log`, [inner, state], place), init: 'zeros' },
    vector('D', 'ones'),
    ...biased('out_proj', [hidden, inner]),
  ];
}
