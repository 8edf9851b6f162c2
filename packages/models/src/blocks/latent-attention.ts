import type { BlockCache, BlockContext, BlockOutput, ParameterSpec } from '@vflair/core/contract';
import { dimOf, type Value } from '@vflair/core/graph';
import { zeros } from '@vflair/core/tensor';
import { at, present } from '@vflair/core/text';
import { attention } from './attention.js';
import { joinGroups, splitGroups } from './fused-heads.js';
import type { Layer } from './layer.js';
import { linearSpecs, scaleSpec } from './parameters.js';
import { type Rope, rotate } from './rotary.js';

/** Sizes of multi-head latent attention. */
export interface LatentSizes {
  readonly hidden: number;
  readonly heads: number;
  /** Sizes of the part of a query or key head that is left as it is, of the part that is turned, and of a value head. */
  readonly plain: number;
  readonly turned: number;
  readonly value: number;
  /** Width queries are compressed to; not at all when absent. */
  readonly queryRank: number | undefined;
  /** Width keys and values are compressed to. */
  readonly keyRank: number;
  readonly scale: number;
  readonly hasBias: boolean;
  readonly rope: Rope;
}

// The norms of compressed rows have an ε of their own, whatever the config says.
const epsilon = 1e-6;

/**
 * Multi-head latent attention: keys and values of all heads come from one compressed row, `K, V = B·rms(A·x)`, and one
 * turned part that all heads share. What is remembered is that row and that part. DeepSeek-AI 2024, arXiv:2405.04434, §2.1.
 */
export function latentAttention(
  context: BlockContext,
  layer: Layer,
  { sizes, x }: { readonly sizes: LatentSizes; readonly x: Value },
): { readonly attended: Value; readonly cache: BlockOutput['cache'] } {
  const { g } = context;
  const { heads, plain, turned, value, keyRank, rope, scale } = sizes;
  const down = g.split(layer.map('self_attn.kv_a_proj_with_mqa', x), [keyRank, turned], -1);
  const latent = layer.rmsNorm('self_attn.kv_a_layernorm', at(down, 0), epsilon);
  const key = rotate(context, at(down, 1), { rope, headSize: turned });
  const cache = { latent, key };
  const past = context.past?.of(layer.index);
  const rows = attention(context, {
    ...expanded(context, layer, { sizes, cache }),
    ...(past ? { past: expanded(context, layer, { sizes, cache: past }) } : {}),
    query: queries(context, layer, { sizes, x }),
    block: layer.index,
    heads,
    headSize: plain + turned,
    valueSize: value,
    scale,
    causal: true,
  });
  return { attended: layer.map('self_attn.o_proj', rows), cache };
}

/** Queries of all heads, `[batch, seq, heads·(plain + turned)]`. */
function queries(
  context: BlockContext,
  layer: Layer,
  { sizes, x }: { readonly sizes: LatentSizes; readonly x: Value },
): Value {
  const { g } = context;
  const { heads, plain, turned, queryRank, rope } = sizes;
  const whole =
    queryRank === undefined
      ? layer.map('self_attn.q_proj', x)
      : layer.map(
          'self_attn.q_b_proj',
          layer.rmsNorm('self_attn.q_a_layernorm', layer.map('self_attn.q_a_proj', x), epsilon),
        );
  const parts = splitGroups(g, whole, { groups: heads, sizes: [plain, turned] });
  const second = rotate(context, at(parts, 1), { rope, headSize: turned });
  return joinGroups(g, [at(parts, 0), second], heads);
}

/** Keys and values of all heads from what is remembered of each position. */
function expanded(
  { g }: BlockContext,
  layer: Layer,
  { sizes, cache }: { readonly sizes: LatentSizes; readonly cache: BlockCache },
): { readonly key: Value; readonly value: Value } {
  const { heads, plain, turned, value } = sizes;
  const rows = layer.map('self_attn.kv_b_proj', present(cache.latent, 'latent'));
  const parts = splitGroups(g, rows, { groups: heads, sizes: [plain, value] });
  const shared = present(cache.key, 'key');
  const [batch, seq] = [dimOf(shared, 0), dimOf(shared, 1)];
  // Added to a zero per head it is there once per head.
  const each = g.add(g.unsqueeze(shared, [2]), g.constant(zeros([heads, 1])));
  const turnedRows = g.reshape(each, [batch, seq, heads * turned]);
  return { key: joinGroups(g, [at(parts, 0), turnedRows], heads), value: at(parts, 1) };
}

/** Parameters under the prefix `key`, a name with its dot. */
export function latentParameters(sizes: LatentSizes, key: string, index: number): ParameterSpec[] {
  const { hidden, heads, plain, turned, value, queryRank, keyRank, hasBias } = sizes;
  const map = (name: string, size: readonly [number, number], bias = false): ParameterSpec[] =>
    linearSpecs(`${key}${name}`, size, index).slice(0, bias ? 2 : 1);
  const width = heads * (plain + turned);
  const queryMaps =
    queryRank === undefined
      ? map('q_proj', [width, hidden])
      : [
          ...map('q_a_proj', [queryRank, hidden], hasBias),
          scaleSpec(`${key}q_a_layernorm.weight`, queryRank, index),
          ...map('q_b_proj', [width, queryRank]),
        ];
  return [
    ...queryMaps,
    ...map('kv_a_proj_with_mqa', [keyRank + turned, hidden], hasBias),
    scaleSpec(`${key}kv_a_layernorm.weight`, keyRank, index),
    ...map('kv_b_proj', [heads * (plain + value), keyRank]),
    ...map('o_proj', [hidden, heads * value], hasBias),
  ];
}
