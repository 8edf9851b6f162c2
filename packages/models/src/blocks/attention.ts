import type { BlockContext, CacheEntry } from '@vflair/core/contract';
import { dimOf, type Graph, type Value } from '@vflair/core/graph';
import { present } from '@vflair/core/text';

/** Query, key and value rows `[batch, seq, width]` of one block, and how they attend. */
export interface AttentionInput {
  readonly block: number;
  readonly query: Value;
  readonly key: Value;
  readonly value: Value;
  readonly heads: number;
  readonly headSize: number;
  readonly scale: number;
  readonly causal: boolean;
}

// Added to a score that must not count: the most negative float32, as transformers does, so that a row without any
// admissible key averages over all of them instead of becoming NaN.
const never = -3.4028234663852886e38;

/** Key and value rows of each position, as attention remembers them. */
export function keyValueCache(width: number, valueWidth = width): CacheEntry[] {
  return [
    { name: 'key', shape: [width], kind: 'rows' },
    { name: 'value', shape: [valueWidth], kind: 'rows' },
  ];
}

/** softmax(scale·Q·Kᵀ + mask)·V per head (Vaswani et al. 2017, eq. 1): `[batch, seq, heads·headSize]`. */
export function attention(context: BlockContext, input: AttentionInput): Value {
  const { g } = context;
  const [query, key, value] = [input.query, input.key, input.value].map((x) =>
    toHeads(g, x, input),
  ) as [Value, Value, Value];
  const scores = g.add(
    g.matMul(query, key, { transB: true, alpha: input.scale }),
    newBias(context, input.causal),
  );
  if (!context.past) return fromHeads(g, g.matMul(g.softmax(scores), value), input);
  return fromHeads(g, attendPast(context, { query, value, scores }, input), input);
}

// Past rows may belong to one prefix that all rows of the batch share, so their product is formed apart and broadcast.
function attendPast(
  context: BlockContext,
  now: { query: Value; value: Value; scores: Value },
  input: AttentionInput,
): Value {
  const { g, past } = context;
  if (!past) return now.value;
  const rows = past.of(input.block);
  const pastKey = toHeads(g, present(rows.key, 'key'), input);
  const pastValue = toHeads(g, present(rows.value, 'value'), input);
  const before = g.add(
    g.matMul(now.query, pastKey, { transB: true, alpha: input.scale }),
    pastBias(context, past.mask),
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
function toHeads(g: Graph, x: Value, { heads, headSize }: AttentionInput): Value {
  const apart = g.reshape(x, [dimOf(x, 0), dimOf(x, 1), heads, headSize]);
  return g.transpose(apart, [0, 2, 1, 3]);
}

/** `[batch, heads, seq, size]` → `[batch, seq, heads·size]`. */
function fromHeads(g: Graph, x: Value, { heads, headSize }: AttentionInput): Value {
  const together = g.transpose(x, [0, 2, 1, 3]);
  return g.reshape(together, [dimOf(together, 0), dimOf(together, 1), heads * headSize]);
}

/** 0 where key j may be seen by query i, else {@link never}: `[batch, 1, seq or 1, seq]`. */
function newBias({ g, mask, shared }: BlockContext, causal: boolean): Value {
  const name = causal ? 'causal-bias' : 'padding-bias';
  const known = shared.get(name);
  if (known) return known;
  const real = g.unsqueeze(g.equal(mask, 1), [1, 2]);
  const bias = g.where(causal ? g.and(real, lowerTriangle(g, mask)) : real, 0, never);
  shared.set(name, bias);
  return bias;
}

function pastBias({ g, shared }: BlockContext, mask: Value): Value {
  const known = shared.get('past-bias');
  if (known) return known;
  const bias = g.where(g.unsqueeze(g.equal(mask, 1), [1, 2]), 0, never);
  shared.set('past-bias', bias);
  return bias;
}

/** True where j ≤ i: `[seq, seq]`. */
function lowerTriangle(g: Graph, mask: Value): Value {
  const places = g.range(dimOf(mask, 1));
  return g.less(g.unsqueeze(places, [0]), g.add(g.unsqueeze(places, [1]), 1));
}
