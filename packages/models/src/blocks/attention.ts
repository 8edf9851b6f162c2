import type { BlockCache, BlockContext, CacheEntry } from '@vflair/core/contract';
import { dimOf, type Graph, multiplyDims, type Value } from '@vflair/core/graph';
import { present } from '@vflair/core/text';
import { type Grouping, newBias, pastBias, type Visibility } from './attention-bias.js';

/** Query, key and value rows `[batch, seq, width]` of one block, and how they attend. */
export interface AttentionInput extends Visibility {
  readonly block: number;
  readonly query: Value;
  readonly key: Value;
  readonly value: Value;
  readonly heads: number;
  readonly headSize: number;
  readonly scale: number;
  /** Heads of keys and values, each read by `heads / keyHeads` query heads in a row; `heads` when absent. */
  readonly keyHeads?: number;
  /** Size of a value head; `headSize` when absent. */
  readonly valueSize?: number;
  /** s ← cap·tanh(s/cap), before masks and biases. */
  readonly cap?: number;
  /** Added to scores besides masks: `[batch or 1, heads or 1, seq, keys]`, of new and of cached keys. As many key heads as query heads. */
  readonly added?: { readonly now: Value; readonly past?: Value };
  /** Key and value rows of earlier positions, where they aren't what the cache holds. */
  readonly past?: BlockCache;
}

/** Key and value rows of each position, as attention remembers them. */
export function keyValueCache(width: number, valueWidth = width): CacheEntry[] {
  return [
    { name: 'key', shape: [width], kind: 'rows' },
    { name: 'value', shape: [valueWidth], kind: 'rows' },
  ];
}

/**
 * softmax(scale·Q·Kᵀ + bias)·V per head (Vaswani et al. 2017, eq. 1): `[batch, seq, heads·valueSize]`. Query heads that
 * share a key head (Ainslie et al. 2023, arXiv:2305.13245) stand one after the other along the rows of one product.
 */
export function attention(context: BlockContext, input: AttentionInput): Value {
  const { g } = context;
  const { heads, headSize, keyHeads = heads, valueSize = headSize } = input;
  const grouping = { keyHeads, group: heads / keyHeads };
  const query = grouped(g, toHeads(g, input.query, heads, headSize), grouping);
  const value = toHeads(g, input.value, keyHeads, valueSize);
  const products = scoresOf(g, [query, toHeads(g, input.key, keyHeads, headSize)], input);
  const { added } = input;
  const scores = g.add(
    added ? g.add(products, added.now) : products,
    newBias(context, input, grouping),
  );
  const mixed = context.past
    ? attendPast(context, { query, value, scores }, { input, grouping })
    : g.matMul(g.softmax(scores), value);
  const apart =
    grouping.group === 1
      ? mixed
      : g.reshape(mixed, [dimOf(mixed, 0), heads, dimOf(input.query, 1), valueSize]);
  return fromHeads(g, apart, heads * valueSize);
}

function scoresOf(
  g: Graph,
  [query, key]: readonly [Value, Value],
  { scale, cap }: AttentionInput,
): Value {
  if (cap === undefined) return g.matMul(query, key, { transB: true, alpha: scale });
  return g.mul(g.tanh(g.matMul(query, key, { transB: true, alpha: scale / cap })), cap);
}

// Past rows may belong to one prefix that all rows of the batch share, so their product is formed apart and broadcast.
function attendPast(
  context: BlockContext,
  now: { query: Value; value: Value; scores: Value },
  { input, grouping }: { input: AttentionInput; grouping: Grouping },
): Value {
  const { g, past } = context;
  if (!past) return now.value;
  const { headSize, valueSize = headSize } = input;
  const rows = input.past ?? past.of(input.block);
  const pastKey = toHeads(g, present(rows.key, 'key'), grouping.keyHeads, headSize);
  const pastValue = toHeads(g, present(rows.value, 'value'), grouping.keyHeads, valueSize);
  const products = scoresOf(g, [now.query, pastKey], input);
  const before = g.add(
    input.added?.past ? g.add(products, input.added.past) : products,
    pastBias(context, past.mask, { visible: input, grouping }),
  );
  const weights = g.softmax(g.concat([before, now.scores], -1));
  const cut = g.sizeAt(pastKey, 2);
  const onPast = g.node(
    'Slice',
    [weights, g.ints([0]), cut, g.ints([3])],
    [{ dtype: 'float32', shape: before.shape }],
  )[0] as Value;
  const onNew = g.node(
    'Slice',
    [weights, cut, g.ints([Number.MAX_SAFE_INTEGER]), g.ints([3])],
    [{ dtype: 'float32', shape: now.scores.shape }],
  )[0] as Value;
  return g.add(g.matMul(onPast, pastValue), g.matMul(onNew, now.value));
}

/** `[batch, seq, heads·size]` → `[batch, heads, seq, size]`. */
function toHeads(g: Graph, x: Value, heads: number, size: number): Value {
  const apart = g.reshape(x, [dimOf(x, 0), dimOf(x, 1), heads, size]);
  return g.transpose(apart, [0, 2, 1, 3]);
}

/** `[batch, heads, seq, size]` → `[batch, keyHeads, group·seq, size]`. */
function grouped(g: Graph, x: Value, { keyHeads, group }: Grouping): Value {
  if (group === 1) return x;
  return g.reshape(x, [dimOf(x, 0), keyHeads, multiplyDims([group, dimOf(x, 2)]), dimOf(x, 3)]);
}

/** `[batch, heads, seq, size]` → `[batch, seq, width]`. */
function fromHeads(g: Graph, x: Value, width: number): Value {
  const together = g.transpose(x, [0, 2, 1, 3]);
  return g.reshape(together, [dimOf(together, 0), dimOf(together, 1), width]);
}
