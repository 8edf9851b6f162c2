import type { BlockContext, BlockOutput } from '@vflair/core/contract';
import { dimOf, type Graph, type Value } from '@vflair/core/graph';
import { present } from '@vflair/core/text';
import { attention } from './attention.js';
import { type Layer, layerOf } from './layer.js';
import { once } from './once.js';
import { type Buckets, bucketBias } from './relative-buckets.js';

/** Sizes of an encoder and a decoder of T5's kind. */
export interface T5Sizes {
  /** Number of blocks of each. */
  readonly encoder: number;
  readonly decoder: number;
  readonly hidden: number;
  readonly heads: number;
  readonly headSize: number;
  readonly inner: number;
  readonly vocabulary: number;
  readonly epsilon: number;
  readonly buckets: Omit<Buckets, 'isBidirectional'>;
  readonly activation: (g: Graph, x: Value) => Value;
  readonly isGated: boolean;
}

/** One block: of the encoder up to its number of blocks, then of the decoder. `prefix` is that of the base model. */
export interface T5Place {
  readonly sizes: T5Sizes;
  readonly prefix: string;
  readonly index: number;
}

/** Where the block `index` is stored, with its dot, and whether it is the decoder's. */
export function t5Key({ sizes, prefix, index }: T5Place): { key: string; isDecoder: boolean } {
  const isDecoder = index >= sizes.encoder;
  const own = isDecoder ? `decoder.block.${index - sizes.encoder}` : `encoder.block.${index}`;
  return { key: `${prefix}${own}.`, isDecoder };
}

/** Where the position bias of all blocks of a stack is stored. */
export function t5BiasKey(prefix: string, isDecoder: boolean): string {
  const stack = isDecoder ? 'decoder' : 'encoder';
  return `${prefix}${stack}.block.0.layer.0.SelfAttention.relative_attention_bias.weight`;
}

/** Keys of the query and value maps of every attention. */
export function t5Targets(sizes: T5Sizes, prefix: string): string[] {
  const blocks = Array.from({ length: sizes.encoder + sizes.decoder }, (_, index) =>
    t5Key({ sizes, prefix, index }),
  );
  return blocks.flatMap(({ key, isDecoder }) =>
    ['layer.0.SelfAttention', ...(isDecoder ? ['layer.1.EncDecAttention'] : [])].flatMap((name) =>
      ['q', 'v'].map((map) => `${key}${name}.${map}.weight`),
    ),
  );
}

/**
 * x ← x + O·attend(Q·n, K·n, V·n), n = rms(x); in the decoder then the same with K·e, V·e of the encoder's output e;
 * x ← x + W₂·act(W₁·n), n = rms(x), or W₂·(act(G·n) ⊙ U·n) with a gate. A decoder's block remembers K·n and V·n.
 */
export function t5Block(context: BlockContext, place: T5Place, hidden: Value): BlockOutput {
  const { g } = context;
  const { key, isDecoder } = t5Key(place);
  const layer = layerOf(context, key, place.index);
  const attended = selfAttention(context, { ...place, layer, isDecoder }, hidden);
  const middle = isDecoder
    ? crossAttention(context, { ...place, layer }, attended.hidden)
    : attended.hidden;
  const last = `layer.${isDecoder ? 2 : 1}`;
  const normal = layer.rmsNorm(`${last}.layer_norm`, middle, place.sizes.epsilon);
  const fed = feedForward(g, { layer, name: `${last}.DenseReluDense`, sizes: place.sizes }, normal);
  return { hidden: g.add(middle, fed), cache: attended.cache };
}

interface Inside extends T5Place {
  readonly layer: Layer;
}

function selfAttention(
  context: BlockContext,
  inside: Inside & { readonly isDecoder: boolean },
  hidden: Value,
): BlockOutput {
  const { layer, sizes, isDecoder, index } = inside;
  const normal = layer.rmsNorm('layer.0.layer_norm', hidden, sizes.epsilon);
  const map = (name: string, x: Value): Value => layer.map(`layer.0.SelfAttention.${name}`, x);
  const rows = { key: map('k', normal), value: map('v', normal) };
  const own = isDecoder ? { ...context, mask: targetMask(context, hidden) } : withoutPast(context);
  const attended = attention(own, {
    ...rows,
    query: map('q', normal),
    block: index,
    heads: sizes.heads,
    headSize: sizes.headSize,
    scale: 1,
    causal: isDecoder,
    added: positionBias(own, inside, hidden),
  });
  return {
    hidden: context.g.add(hidden, map('o', attended)),
    cache: isDecoder ? rows : {},
  };
}

function crossAttention(
  context: BlockContext,
  { layer, sizes, index }: Inside,
  hidden: Value,
): Value {
  const normal = layer.rmsNorm('layer.1.layer_norm', hidden, sizes.epsilon);
  const encoded = present(context.companions.encoder, 'the output of the encoder');
  const map = (name: string, x: Value): Value => layer.map(`layer.1.EncDecAttention.${name}`, x);
  const attended = attention(withoutPast(context), {
    query: map('q', normal),
    key: map('k', encoded),
    value: map('v', encoded),
    block: index,
    heads: sizes.heads,
    headSize: sizes.headSize,
    scale: 1,
    causal: false,
  });
  return context.g.add(hidden, map('o', attended));
}

function withoutPast({ past: _, ...context }: BlockContext): BlockContext {
  return context;
}

/** Which targets the decoder may see, besides the causal mask: all, unless somebody says otherwise. */
function targetMask(context: BlockContext, hidden: Value): Value {
  const { g, given, input } = context;
  const name = 'decoder_attention_mask';
  if (given.has(name)) return input(name, 'int64', ['batch', 'target']);
  return once(context, name, () => g.unsqueeze(g.add(g.mul(g.range(dimOf(hidden, 1)), 0), 1), [0]));
}

/** The bias of a stack on new and on cached keys, computed once per graph. */
function positionBias(
  context: BlockContext,
  { sizes, prefix, isDecoder }: T5Place & { readonly isDecoder: boolean },
  hidden: Value,
): { readonly now: Value; readonly past?: Value } {
  const { g, past } = context;
  const stored = {
    key: t5BiasKey(prefix, isDecoder),
    buckets: { ...sizes.buckets, isBidirectional: !isDecoder },
  };
  const seq = dimOf(hidden, 1);
  const now = once(context, `${stored.key}/now`, () =>
    bucketBias(context, stored, { queries: seq, keys: seq }),
  );
  if (!past) return { now };
  const before = once(context, `${stored.key}/past`, () =>
    bucketBias(context, stored, {
      queries: seq,
      keys: dimOf(past.mask, 1),
      before: g.sizeAt(past.mask, 1),
    }),
  );
  return { now, past: before };
}

function feedForward(
  g: Graph,
  { layer, name, sizes }: { readonly layer: Layer; readonly name: string; readonly sizes: T5Sizes },
  x: Value,
): Value {
  const inner = sizes.isGated
    ? g.mul(sizes.activation(g, layer.map(`${name}.wi_0`, x)), layer.map(`${name}.wi_1`, x))
    : sizes.activation(g, layer.map(`${name}.wi`, x));
  return layer.map(`${name}.wo`, inner);
}
