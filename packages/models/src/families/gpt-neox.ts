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
import type { Layer } from '../blocks/layer.js';
import { linearSpecs, normSpecs } from '../blocks/parameters.js';
import { readRope, rotate } from '../blocks/rotary.js';

/** GPT-NeoX, also Pythia: attention and feed-forward side by side, a part of each head rotary. Black et al. 2022, arXiv:2204.06745. */
export default defineFamily({
  id: 'gpt-neox',
  title: 'GPT-NeoX',
  paper: 'Black et al. 2022, arXiv:2204.06745',
  modelTypes: ['gpt_neox'],
  architecture: 'decoder',
  heads: ['lm', 'cls', 'reg', 'qa'],
  blocks: (config) => configReader(config, 'gpt-neox').count('num_hidden_layers'),
  read: (config, head, labels) =>
    describe(readSizes(config), head, labelCount(config, head, labels)),
});

function readSizes(config: ModelConfig) {
  const family = 'gpt-neox';
  const read = configReader(config, family);
  read.only('is_causal', [true]);
  const hidden = read.count('hidden_size');
  const heads = read.count('num_attention_heads');
  if (hidden % heads !== 0)
    throw contradiction(
      `\`hidden_size\` ${hidden} is not a multiple of \`num_attention_heads\` ${heads}`,
    );
  const positions = read.optionalCount('max_position_embeddings') ?? 2048;
  const headSize = hidden / heads;
  const { rotary_emb_base: rope_theta, rotary_pct: partial_rotary_factor } = config;
  return {
    hidden,
    heads,
    headSize,
    positions,
    blocks: read.count('num_hidden_layers'),
    vocabulary: read.count('vocab_size'),
    inner: read.count('intermediate_size'),
    epsilon: read.number('layer_norm_eps', 1e-5),
    activation: activation(read.text('hidden_act', 'gelu')),
    isParallel: read.flag('use_parallel_residual', true),
    hasBias: read.flag('attention_bias', true),
    tied: read.flag('tie_word_embeddings', false),
    padToken: padTokenOf(config, family),
    // The family has names of its own for base and share.
    rope: readRope(
      { ...config, rope_theta, partial_rotary_factor },
      { family, headSize, positions, partial: 0.25 },
    ),
  };
}

type Sizes = ReturnType<typeof readSizes>;

function describe(sizes: Sizes, head: HeadKind, labels: number): ModelSpec {
  return decoderSpec({
    family: 'gpt-neox',
    head,
    labels,
    sizes,
    names: { prefix: 'gpt_neox.', table: 'embed_in', blocks: 'layers' },
    output: 'embed_out.weight',
    hasPaddingRow: false,
    cache: keyValueCache(sizes.hidden),
    targets: () => ['attention.query_key_value'],
    blockParameters: (key, index) => blockParameters(sizes, key, index),
    finalParameters: (prefix) => normSpecs(`${prefix}final_layer_norm`, sizes.hidden, 'output'),
    block: (context, layer, hidden) => block(context, { sizes, layer, hidden }),
    final: (layer, hidden) => layer.layerNorm('final_layer_norm', hidden, sizes.epsilon),
  });
}

// Side by side: x ← x + A(LN₁(x)) + F(LN₂(x)); else x ← x + A(LN₁(x)), x ← x + F(LN₂(x)).
// A(n) = O·attend(turn(q), turn(k), v), each head's (q, k, v) in a row of W·n;  F(m) = D·act(U·m).
function block(
  context: BlockContext,
  { sizes, layer, hidden }: { sizes: Sizes; layer: Layer; hidden: Value },
): BlockOutput {
  const { g } = context;
  const { heads, headSize, epsilon, rope } = sizes;
  const fused = layer.map(
    'attention.query_key_value',
    layer.layerNorm('input_layernorm', hidden, epsilon),
  );
  const rows = splitGroups(g, fused, { groups: heads, sizes: [headSize, headSize, headSize] });
  const turned = (index: number): Value => rotate(context, at(rows, index), { rope, headSize });
  const cache = { key: turned(1), value: at(rows, 2) };
  const attended = attention(context, {
    ...cache,
    query: turned(0),
    block: layer.index,
    heads,
    headSize,
    scale: headSize ** -0.5,
    causal: true,
  });
  const middle = g.add(hidden, layer.map('attention.dense', attended));
  const before = sizes.isParallel ? hidden : middle;
  const inner = layer.map(
    'mlp.dense_h_to_4h',
    layer.layerNorm('post_attention_layernorm', before, epsilon),
  );
  const fed = layer.map('mlp.dense_4h_to_h', sizes.activation(g, inner));
  return { hidden: g.add(middle, fed), cache };
}

function blockParameters(sizes: Sizes, key: string, index: number): ParameterSpec[] {
  const { hidden, inner } = sizes;
  const attentionMap = (name: string, size: readonly [number, number]): ParameterSpec[] =>
    linearSpecs(`${key}attention.${name}`, size, index).slice(0, sizes.hasBias ? 2 : 1);
  return [
    ...normSpecs(`${key}input_layernorm`, hidden, index),
    ...normSpecs(`${key}post_attention_layernorm`, hidden, index),
    ...attentionMap('query_key_value', [3 * hidden, hidden]),
    ...attentionMap('dense', [hidden, hidden]),
    ...linearSpecs(`${key}mlp.dense_h_to_4h`, [inner, hidden], index),
    ...linearSpecs(`${key}mlp.dense_4h_to_h`, [hidden, inner], index),
  ];
}
