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
import { alibiSlopes } from '../blocks/alibi.js';
import { attention, keyValueCache } from '../blocks/attention.js';
import { configReader, labelCount } from '../blocks/config.js';
import { decoderSpec } from '../blocks/decoder.js';
import { contradiction, padTokenOf } from '../blocks/decoder-config.js';
import { splitGroups } from '../blocks/fused-heads.js';
import type { Layer } from '../blocks/layer.js';
import { linearSpecs, normSpecs } from '../blocks/parameters.js';
import { readRope, rotate } from '../blocks/rotary.js';

/** Falcon: one key head for all, for a group or for each query head; rotary or with alibi. Almazrouei et al. 2023, arXiv:2311.16867. */
export default defineFamily({
  id: 'falcon',
  title: 'Falcon',
  paper: 'Almazrouei et al. 2023, arXiv:2311.16867',
  modelTypes: ['falcon'],
  architecture: 'decoder',
  heads: ['lm', 'cls', 'reg', 'qa'],
  blocks: (config) => configReader(config, 'falcon').count('num_hidden_layers'),
  read: (config, head, labels) =>
    describe(readSizes(config), head, labelCount(config, head, labels)),
});

function readSizes(config: ModelConfig) {
  const family = 'falcon';
  const read = configReader(config, family);
  read.only('is_causal', [true]);
  const hidden = read.count('n_embed', 'hidden_size');
  const heads = read.count('num_attention_heads');
  if (hidden % heads !== 0)
    throw contradiction(
      `\`hidden_size\` ${hidden} is not a multiple of \`num_attention_heads\` ${heads}`,
    );
  const headSize = hidden / heads;
  const positions = read.optionalCount('max_position_embeddings') ?? 2048;
  const hasAlibi = read.flag('alibi', false);
  return {
    hidden,
    heads,
    headSize,
    positions,
    ...readLayout(config, heads),
    blocks: read.count('num_hidden_layers'),
    vocabulary: read.count('vocab_size'),
    inner: read.optionalCount('ffn_hidden_size') ?? 4 * hidden,
    epsilon: read.number('layer_norm_epsilon', 1e-5),
    activation: activation(read.text('activation', 'gelu')),
    hasBias: read.flag('bias', false),
    tied: read.flag('tie_word_embeddings', true),
    padToken: padTokenOf(config, family),
    rope: hasAlibi ? undefined : readRope(config, { family, headSize, positions }),
  };
}

/** How heads are laid out, and which norms there are: of both branches, of each, or one after the other. */
function readLayout(config: ModelConfig, heads: number) {
  const read = configReader(config, 'falcon');
  const isNew = read.flag('new_decoder_architecture', false);
  const isParallel = read.flag('parallel_attn', true);
  const named = read.optionalCount('num_ln_in_parallel_attn');
  const norms = named ?? (isNew ? 2 : 1);
  if (isNew && !isParallel)
    throw contradiction('`new_decoder_architecture` goes with `parallel_attn`');
  if (isParallel && norms === 2 && !isNew)
    throw contradiction('two norms side by side belong to `new_decoder_architecture`');
  const shared = read.flag('multi_query', true) ? 1 : heads;
  const keyHeads = isNew ? (read.optionalCount('num_kv_heads') ?? heads) : shared;
  if (keyHeads === 0 || heads % keyHeads !== 0)
    throw contradiction(
      `\`num_attention_heads\` ${heads} is not a multiple of \`num_kv_heads\` ${keyHeads}`,
    );
  const layout = norms === 2 ? ('apart' as const) : ('shared' as const);
  return { keyHeads, norms: isParallel ? layout : ('sequential' as const) };
}

type Sizes = ReturnType<typeof readSizes>;

const normNames = {
  shared: ['input_layernorm'],
  apart: ['ln_attn', 'ln_mlp'],
  sequential: ['input_layernorm', 'post_attention_layernorm'],
} as const;

function describe(sizes: Sizes, head: HeadKind, labels: number): ModelSpec {
  return decoderSpec({
    family: 'falcon',
    head,
    labels,
    sizes,
    names: { prefix: 'transformer.', table: 'word_embeddings', blocks: 'h' },
    hasPaddingRow: false,
    cache: keyValueCache(sizes.keyHeads * sizes.headSize),
    targets: () => ['self_attention.query_key_value'],
    blockParameters: (key, index) => blockParameters(sizes, key, index),
    finalParameters: (prefix) => normSpecs(`${prefix}ln_f`, sizes.hidden, 'output'),
    block: (context, layer, hidden) => block(context, { sizes, layer, hidden }),
    final: (layer, hidden) => layer.layerNorm('ln_f', hidden, sizes.epsilon),
  });
}

interface Place {
  readonly sizes: Sizes;
  readonly layer: Layer;
  readonly hidden: Value;
}

// x ← x + A(LN(x)) + F(LN(x)), one norm or two;  or x ← x + A(LN₁(x)), x ← x + F(LN₂(x)).  F(m) = D·act(U·m).
function block(context: BlockContext, { sizes, layer, hidden }: Place): BlockOutput {
  const { g } = context;
  const [first, second] = normNames[sizes.norms];
  const settled = (name: string, x: Value): Value => layer.layerNorm(name, x, sizes.epsilon);
  const before = settled(first, hidden);
  const { attended, cache } = attend(context, { sizes, layer, hidden: before });
  const middle = g.add(hidden, attended);
  const from = sizes.norms === 'sequential' ? middle : hidden;
  const inner = layer.map('mlp.dense_h_to_4h', second ? settled(second, from) : before);
  const fed = layer.map('mlp.dense_4h_to_h', sizes.activation(g, inner));
  return { hidden: g.add(middle, fed), cache };
}

// A(n) = O·attend(turn(q), turn(k), v); a group of W·n is its query heads, then one key head and one value head. With
// alibi nothing is turned and slope·position is added to scores.
function attend(context: BlockContext, { sizes, layer, hidden }: Place) {
  const { g } = context;
  const { heads, keyHeads, headSize, rope } = sizes;
  const rows = splitGroups(g, layer.map('self_attention.query_key_value', hidden), {
    groups: keyHeads,
    sizes: [(heads / keyHeads) * headSize, headSize, headSize],
  });
  const turned = (index: number): Value =>
    rope ? rotate(context, at(rows, index), { rope, headSize }) : at(rows, index);
  const cache = { key: turned(1), value: at(rows, 2) };
  const attended = attention(context, {
    ...cache,
    ...(rope ? {} : { alibi: alibiOf(sizes) }),
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

// Added before the division by √d, so divided as well; and once more with the mask, as the reference's plain attention
// does (its fused one, which the recorded results don't come from, adds it once).
function alibiOf({ heads, headSize }: Sizes) {
  return {
    name: 'falcon',
    slopes: alibiSlopes(heads),
    scale: 2 * headSize ** -0.5,
    rounded: true,
  };
}

function blockParameters(sizes: Sizes, key: string, index: number): ParameterSpec[] {
  const { hidden, inner, headSize, keyHeads } = sizes;
  const map = (name: string, size: readonly [number, number]): ParameterSpec[] =>
    linearSpecs(`${key}${name}`, size, index).slice(0, sizes.hasBias ? 2 : 1);
  return [
    ...normNames[sizes.norms].flatMap((name) => normSpecs(`${key}${name}`, hidden, index)),
    ...map('self_attention.query_key_value', [hidden + 2 * keyHeads * headSize, hidden]),
    ...map('self_attention.dense', [hidden, hidden]),
    ...map('mlp.dense_h_to_4h', [inner, hidden]),
    ...map('mlp.dense_4h_to_h', [hidden, inner]),
  ];
}
