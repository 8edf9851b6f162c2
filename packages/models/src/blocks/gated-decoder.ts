import type { BlockContext, BlockOutput, ModelSpec, ParameterSpec } from '@vflair/core/contract';
import type { Value } from '@vflair/core/graph';
import { at } from '@vflair/core/text';
import { attention, keyValueCache } from './attention.js';
import type { Visibility } from './attention-bias.js';
import { type Decoder, decoderSpec } from './decoder.js';
import type { DecoderConfig } from './decoder-config.js';
import { gatedMlp, gateHalves } from './gated-mlp.js';
import type { Layer } from './layer.js';
import { linearSpecs, scaleSpec } from './parameters.js';
import { type Rope, rotate } from './rotary.js';

/**
 * The block LLaMA made common, and how families differ from it:
 *   x ← x + r·O·attend(turn(Q·n), turn(K·n), V·n), n = norm(x);   x ← x + r·D(act(G·m) ⊙ U·m), m = norm(x).
 */
export interface GatedDecoder {
  readonly config: DecoderConfig;
  /** Factor on scores; 1/√headSize when absent. */
  readonly scale?: number;
  /** What block `index` sees, and how it turns queries and keys (not at all when absent). */
  readonly visible?: (index: number) => Omit<Visibility, 'causal'>;
  readonly rope?: (index: number) => Rope;
  /** Whether a query sees what comes after it, too; such a decoder remembers nothing. */
  readonly isBidirectional?: boolean;
  /** Soft cap of scores. */
  readonly cap?: number;
  /** Biases of query, key and value maps, of the output map, of the feed-forward maps. */
  readonly biases?: {
    readonly queries?: boolean;
    readonly output?: boolean;
    readonly mlp?: boolean;
  };
  /** Added to the weight of every norm; its weights then start at zero. */
  readonly normOffset?: 0 | 1;
  /** Whether each query and key head passes a norm of its own before it is turned. */
  readonly hasHeadNorms?: boolean;
  /** Whether what a branch adds passes a norm as well. */
  readonly hasBranchNorms?: boolean;
  /** r above. */
  readonly residual?: number;
  /** Name of one map for queries, keys and values in a row; of one for gate and up. */
  readonly fusedQueries?: string;
  readonly fusedGate?: string;
}

type Parts = Pick<
  Decoder,
  'cache' | 'targets' | 'blockParameters' | 'finalParameters' | 'block' | 'final'
>;

/** What such blocks are put in to be a model. */
export interface GatedModel
  extends Pick<Decoder, 'family' | 'head' | 'labels' | 'embed' | 'around'> {
  /** Prefix of the base model, with its dot; `model.` when absent. */
  readonly prefix?: string;
}

/** The ModelSpec of such blocks between the embedding, norm and heads that LLaMA has, under its names. */
export function gatedDecoderSpec(
  { prefix = 'model.', ...model }: GatedModel,
  family: GatedDecoder,
): ModelSpec {
  return decoderSpec({
    ...model,
    sizes: family.config,
    names: { prefix, table: 'embed_tokens', blocks: 'layers' },
    hasPaddingRow: true,
    ...gatedDecoder(family),
  });
}

/** Cache, parameters and mathematics of such blocks, and of the norm after them. */
function gatedDecoder(family: GatedDecoder): Parts {
  const { config, fusedQueries } = family;
  const keyWidth = config.keyHeads * config.headSize;
  const targets = fusedQueries
    ? [`self_attn.${fusedQueries}`]
    : ['self_attn.q_proj', 'self_attn.v_proj'];
  return {
    cache: family.isBidirectional ? [] : keyValueCache(keyWidth),
    targets: () => targets,
    blockParameters: (key, index) => blockParameters(family, key, index),
    finalParameters: (prefix) => [normSpec(family, `${prefix}norm`, config.hidden, 'output')],
    block: (context, layer, hidden) => block(context, { family, layer, hidden }),
    final: (layer, hidden) => norm(family, layer, 'norm', hidden),
  };
}

function norm({ config, normOffset }: GatedDecoder, layer: Layer, name: string, x: Value): Value {
  return layer.rmsNorm(name, x, config.epsilon, normOffset);
}

interface Place {
  readonly family: GatedDecoder;
  readonly layer: Layer;
  readonly hidden: Value;
}

function block(context: BlockContext, { family, layer, hidden }: Place): BlockOutput {
  const { g } = context;
  const { residual = 1, hasBranchNorms } = family;
  const added = (branch: Value, name: string): Value => {
    const settled = hasBranchNorms ? norm(family, layer, name, branch) : branch;
    return residual === 1 ? settled : g.mul(settled, residual);
  };
  const { attended, cache } = attend(context, {
    family,
    layer,
    hidden: norm(family, layer, 'input_layernorm', hidden),
  });
  const middle = g.add(hidden, added(attended, 'post_attention_layernorm'));
  const inner = norm(
    family,
    layer,
    hasBranchNorms ? 'pre_feedforward_layernorm' : 'post_attention_layernorm',
    middle,
  );
  const fed = feedForward(context, { family, layer, hidden: inner });
  return { hidden: g.add(middle, added(fed, 'post_feedforward_layernorm')), cache };
}

function attend(context: BlockContext, place: Place) {
  const { family, layer } = place;
  const { heads, keyHeads, headSize } = family.config;
  const rope = family.rope?.(layer.index);
  const [query, key, value] = queries(context, place);
  const prepared = (rows: Value, name: string): Value => {
    const settled = family.hasHeadNorms ? headNorm(context, place, { rows, name }) : rows;
    return rope ? rotate(context, settled, { rope, headSize }) : settled;
  };
  const cache = { key: prepared(key, 'self_attn.k_norm'), value };
  const attended = attention(context, {
    ...family.visible?.(layer.index),
    ...(family.cap === undefined ? {} : { cap: family.cap }),
    ...cache,
    query: prepared(query, 'self_attn.q_norm'),
    block: layer.index,
    heads,
    keyHeads,
    headSize,
    scale: family.scale ?? headSize ** -0.5,
    causal: !family.isBidirectional,
  });
  const kept = family.isBidirectional ? {} : cache;
  return { attended: layer.map('self_attn.o_proj', attended), cache: kept };
}

function queries({ g }: BlockContext, { family, layer, hidden }: Place): [Value, Value, Value] {
  const { config, fusedQueries } = family;
  const [width, keyWidth] = [config.heads * config.headSize, config.keyHeads * config.headSize];
  const rows = fusedQueries
    ? g.split(layer.map(`self_attn.${fusedQueries}`, hidden), [width, keyWidth, keyWidth], -1)
    : ['q_proj', 'k_proj', 'v_proj'].map((name) => layer.map(`self_attn.${name}`, hidden));
  return [at(rows, 0), at(rows, 1), at(rows, 2)];
}

/** The norm of each head of `[batch, seq, heads·headSize]`. */
function headNorm(
  { g }: BlockContext,
  { family, layer }: Place,
  { rows, name }: { readonly rows: Value; readonly name: string },
): Value {
  const { headSize } = family.config;
  const [batch = 1, seq = 1, width] = rows.shape;
  const apart = g.reshape(rows, [batch, seq, Number(width) / headSize, headSize]);
  return g.reshape(norm(family, layer, name, apart), rows.shape);
}

function feedForward({ g }: BlockContext, { family, layer, hidden }: Place): Value {
  const { config, fusedGate } = family;
  if (!fusedGate) return gatedMlp(g, layer, hidden, { name: 'mlp', activation: config.activation });
  const both = layer.map(`mlp.${fusedGate}`, hidden);
  return layer.map('mlp.down_proj', gateHalves(g, both, config));
}

function normSpec(
  { normOffset }: GatedDecoder,
  key: string,
  size: number,
  place: number | 'output',
): ParameterSpec {
  return scaleSpec(`${key}.weight`, size, place, normOffset === 1 ? 'zeros' : 'ones');
}

function blockParameters(family: GatedDecoder, key: string, index: number): ParameterSpec[] {
  const { config, biases = {} } = family;
  const { hidden, headSize, inner } = config;
  const [width, keyWidth] = [config.heads * headSize, config.keyHeads * headSize];
  const map = (name: string, size: readonly [number, number], bias = false): ParameterSpec[] =>
    linearSpecs(`${key}${name}`, size, index).slice(0, bias ? 2 : 1);
  const norms = family.hasBranchNorms
    ? ['pre_feedforward_layernorm', 'post_feedforward_layernorm']
    : [];
  const headNorms = family.hasHeadNorms ? ['q_norm', 'k_norm'] : [];
  return [
    ...['input_layernorm', 'post_attention_layernorm', ...norms].map((name) =>
      normSpec(family, `${key}${name}`, hidden, index),
    ),
    ...(family.fusedQueries
      ? map(`self_attn.${family.fusedQueries}`, [width + 2 * keyWidth, hidden], biases.queries)
      : ['q_proj', 'k_proj', 'v_proj'].flatMap((name, i) =>
          map(`self_attn.${name}`, [i === 0 ? width : keyWidth, hidden], biases.queries),
        )),
    ...headNorms.map((name) => normSpec(family, `${key}self_attn.${name}`, headSize, index)),
    ...map('self_attn.o_proj', [hidden, width], biases.output),
    ...(family.fusedGate
      ? map(`mlp.${family.fusedGate}`, [2 * inner, hidden], biases.mlp)
      : ['gate_proj', 'up_proj'].flatMap((name) =>
          map(`mlp.${name}`, [inner, hidden], biases.mlp),
        )),
    ...map('mlp.down_proj', [hidden, inner], biases.mlp),
  ];
}
