import {
  type BlockContext,
  type BlockOutput,
  defineFamily,
  type HeadKind,
  type ModelConfig,
  type ModelSpec,
  type ParameterSpec,
} from '@vflair/core/contract';
import type { Value } from '@vflair/core/graph';
import { at } from '@vflair/core/text';
import { activation } from '../blocks/activation.js';
import { attention, keyValueCache } from '../blocks/attention.js';
import { configReader, labelCount } from '../blocks/config.js';
import { decoderSpec } from '../blocks/decoder.js';
import { contradiction, padTokenOf } from '../blocks/decoder-config.js';
import { splitGroups } from '../blocks/fused-heads.js';
import { gateHalves } from '../blocks/gated-mlp.js';
import type { Layer } from '../blocks/layer.js';
import { linearSpecs, normSpecs, weightSpec } from '../blocks/parameters.js';
import { readRope, rotate } from '../blocks/rotary.js';

/** ChatGLM 2 and 3: grouped key heads, half of each head rotary in neighbouring pairs. Zeng et al. 2024, arXiv:2406.12793; names as in its published code. */
export default defineFamily({
  id: 'chatglm',
  title: 'ChatGLM 2 and 3',
  paper: 'Zeng et al. 2024, arXiv:2406.12793',
  modelTypes: ['chatglm'],
  architecture: 'decoder',
  heads: ['lm', 'cls', 'reg'],
  blocks: (config) => configReader(config, 'chatglm').count('num_layers', 'num_hidden_layers'),
  read: (config, head, labels) =>
    describe(readSizes(config), head, labelCount(config, head, labels)),
});

function readSizes(config: ModelConfig) {
  const family = 'chatglm';
  const read = configReader(config, family);
  // The first ChatGLM has the same `model_type` and another mathematics.
  read.only('position_encoding_2d', [false]);
  read.only('pre_seq_len', [null]);
  read.only('original_rope', [true]);
  read.only('tie_word_embeddings', [false]);
  const hidden = read.count('hidden_size');
  const heads = read.count('num_attention_heads');
  const headSize = read.optionalCount('kv_channels') ?? Math.floor(hidden / heads);
  const isGrouped = read.flag('multi_query_attention', false);
  const keyHeads = isGrouped ? read.count('multi_query_group_num') : heads;
  if (heads % keyHeads !== 0)
    throw contradiction(
      `\`num_attention_heads\` ${heads} is not a multiple of \`multi_query_group_num\` ${keyHeads}`,
    );
  const positions = read.optionalCount('seq_length') ?? 2048;
  const base = 10000 * read.number('rope_ratio', 1);
  return {
    hidden,
    heads,
    keyHeads,
    headSize,
    isGrouped,
    positions,
    blocks: read.count('num_layers', 'num_hidden_layers'),
    vocabulary: read.count('padded_vocab_size', 'vocab_size'),
    inner: read.count('ffn_hidden_size'),
    epsilon: read.number('layernorm_epsilon', 1e-5),
    isRootMean: read.flag('rmsnorm', true),
    hasFinalNorm: read.flag('post_layer_norm', true),
    // What a branch is added to: its normalised input instead of the residual stream.
    addsToNormal: read.flag('apply_residual_connection_post_layernorm', false),
    hasBias: read.flag('add_bias_linear', false),
    hasQueryBias: read.flag('add_qkv_bias', false) || read.flag('add_bias_linear', false),
    tied: false,
    padToken: padTokenOf(config, family),
    rope: readRope({}, { family, headSize, positions, base, partial: 0.5, pairing: 'interleaved' }),
  };
}

type Sizes = ReturnType<typeof readSizes>;

const prefix = 'transformer.';
const output = `${prefix}output_layer.weight`;

function describe(sizes: Sizes, head: HeadKind, labels: number): ModelSpec {
  return decoderSpec({
    family: 'chatglm',
    head,
    labels,
    sizes,
    names: { prefix, table: 'embedding.word_embeddings', blocks: 'encoder.layers' },
    output,
    classifier: { name: 'classifier_head', bias: true },
    pooling: 'last-position',
    hasPaddingRow: false,
    cache: keyValueCache(sizes.keyHeads * sizes.headSize),
    targets: () => ['self_attention.query_key_value'],
    blockParameters: (key, index) => blockParameters(sizes, key, index),
    finalParameters: () => finalParameters(sizes, head),
    block: (context, layer, hidden) => block(context, { sizes, layer, hidden }),
    final: (layer, hidden) =>
      sizes.hasFinalNorm ? norm(sizes, layer, 'encoder.final_layernorm', hidden) : hidden,
  });
}

function norm({ isRootMean, epsilon }: Sizes, layer: Layer, name: string, x: Value): Value {
  return isRootMean ? layer.rmsNorm(name, x, epsilon) : layer.layerNorm(name, x, epsilon);
}

interface Place {
  readonly sizes: Sizes;
  readonly layer: Layer;
  readonly hidden: Value;
}

// x ← x + O·attend(turn(q), turn(k), v), (q, k, v) = W·norm(x);   x ← x + D(silu(a) ⊙ b), (a, b) = U·norm(x).
function block(context: BlockContext, { sizes, layer, hidden }: Place): BlockOutput {
  const { g } = context;
  const before = norm(sizes, layer, 'input_layernorm', hidden);
  const { attended, cache } = attend(context, { sizes, layer, hidden: before });
  const middle = g.add(sizes.addsToNormal ? before : hidden, attended);
  const between = norm(sizes, layer, 'post_attention_layernorm', middle);
  const both = layer.map('mlp.dense_h_to_4h', between);
  const gated = gateHalves(g, both, { inner: sizes.inner, activation: activation('silu') });
  const fed = layer.map('mlp.dense_4h_to_h', gated);
  return { hidden: g.add(sizes.addsToNormal ? between : middle, fed), cache };
}

// Grouped: all queries, all keys, all values; else each head's three in a row.
function attend(context: BlockContext, { sizes, layer, hidden }: Place) {
  const { heads, keyHeads, headSize, rope } = sizes;
  const [width, keyWidth] = [heads * headSize, keyHeads * headSize];
  const rows = splitGroups(
    context.g,
    layer.map('self_attention.query_key_value', hidden),
    sizes.isGrouped
      ? { groups: 1, sizes: [width, keyWidth, keyWidth] }
      : { groups: heads, sizes: [headSize, headSize, headSize] },
  );
  const turned = (index: number): Value => rotate(context, at(rows, index), { rope, headSize });
  const cache = { key: turned(1), value: at(rows, 2) };
  const attended = attention(context, {
    ...cache,
    query: turned(0),
    block: layer.index,
    heads,
    keyHeads,
    headSize,
    scale: headSize ** -0.5,
    causal: true,
  });
  return { attended: layer.map('self_attention.dense', attended), cache };
}

function normParameters(sizes: Sizes, key: string, place: number | 'output'): ParameterSpec[] {
  return normSpecs(key, sizes.hidden, place).slice(0, sizes.isRootMean ? 1 : 2);
}

function finalParameters(sizes: Sizes, head: HeadKind): ParameterSpec[] {
  const idle = weightSpec(output, [sizes.vocabulary, sizes.hidden], 'output');
  return [
    ...(sizes.hasFinalNorm
      ? normParameters(sizes, `${prefix}encoder.final_layernorm`, 'output')
      : []),
    // Its classifiers keep the output matrix of the language model they came from.
    ...(head === 'lm' ? [] : [{ ...idle, untrained: 'idle' as const }]),
  ];
}

function blockParameters(sizes: Sizes, key: string, index: number): ParameterSpec[] {
  const { hidden, inner, heads, keyHeads, headSize } = sizes;
  const width = heads * headSize;
  const map = (name: string, size: readonly [number, number], bias: boolean): ParameterSpec[] =>
    linearSpecs(`${key}${name}`, size, index).slice(0, bias ? 2 : 1);
  const { hasBias, hasQueryBias } = sizes;
  const rows = width + 2 * keyHeads * headSize;
  return [
    ...normParameters(sizes, `${key}input_layernorm`, index),
    ...normParameters(sizes, `${key}post_attention_layernorm`, index),
    ...map('self_attention.query_key_value', [rows, hidden], hasQueryBias),
    ...map('self_attention.dense', [hidden, width], hasBias),
    ...map('mlp.dense_h_to_4h', [2 * inner, hidden], hasBias),
    ...map('mlp.dense_4h_to_h', [hidden, inner], hasBias),
  ];
}
