import type { BlockContext, GraphContext } from '@vflair/core/contract';
import { addDims, type Dim, dimOf, type Graph, type Value } from '@vflair/core/graph';
import { floatTensor } from '@vflair/core/tensor';
import { at } from '@vflair/core/text';
import { once } from './once.js';

/** How an XLNet attends. */
export interface RelativeSizes {
  readonly hidden: number;
  readonly heads: number;
  readonly headSize: number;
  /** Whether a query sees keys after it. */
  readonly isBidirectional: boolean;
  /** Whether a query sees no keys before it either (an option made for cached segments). */
  readonly hasSameLength: boolean;
  /** Whether the second half of a batch counts distances the other way round. */
  readonly hasBothDirections: boolean;
  /** Distances from here on are alike; all differ when undefined. */
  readonly clamp: number | undefined;
}

/** What is the same in every block of a graph. */
export interface RelativeFrame {
  /** Sinusoids of the distances, `[1 or batch, distances, hidden]`. */
  readonly distances: Value;
  /** 1e30 where a query must not see a key, 0 elsewhere: `[batch or 1, 1, seq, seq]`; of the content and of the query stream. */
  readonly hiddenContent: Value;
  readonly hiddenQuery: Value;
  /** 1 where two tokens are of different types, 0 where they are of one: float `[batch, 1, seq, seq]`; absent without types. */
  readonly differs?: Value;
}

/** The frame of a graph, computed once. Inputs: `perm_mask` and `token_type_ids` where they are given. */
export function relativeFrame(context: BlockContext, sizes: RelativeSizes): RelativeFrame {
  const { given } = context;
  const differs = given.has('token_type_ids')
    ? { differs: once(context, 'xlnet/types', () => typeDifference(context)) }
    : {};
  const covered = once(context, 'xlnet/covered', () => coveredBy(context, sizes));
  return {
    distances: once(context, 'xlnet/distances', () => sinusoids(context, sizes)),
    hiddenQuery: once(context, 'xlnet/query', () => penalty(context.g, covered)),
    hiddenContent: once(context, 'xlnet/content', () => {
      const { g } = context;
      // A token sees itself, masked or not.
      const places = g.range(dimOf(context.mask, 1));
      const isSelf = g.equal(g.unsqueeze(places, [1]), g.unsqueeze(places, [0]));
      return penalty(g, g.and(covered, g.not(isSelf)));
    }),
    ...differs,
  };
}

function penalty(g: Graph, covered: Value): Value {
  return g.mul(g.cast(covered, 'float32'), 1e30);
}

/** Where padding, order or the permutation hide key j from query i: bool `[batch, 1, seq, seq]`. */
function coveredBy({ g, mask, given, input }: BlockContext, sizes: RelativeSizes): Value {
  const seq = dimOf(mask, 1);
  const padded = g.not(g.unsqueeze(g.equal(mask, 1), [1, 2]));
  const causes = [padded];
  const [i, j] = [g.unsqueeze(g.range(seq), [1]), g.unsqueeze(g.range(seq), [0])];
  if (!sizes.isBidirectional) {
    causes.push(sizes.hasSameLength ? g.not(g.equal(i, j)) : g.less(i, j));
  }
  if (given.has('perm_mask')) {
    const order = input('perm_mask', 'float32', ['batch', 'seq', 'seq']);
    causes.push(g.unsqueeze(g.greater(order, 0), [1]));
  }
  // a ∨ b = ¬(¬a ∧ ¬b).
  return g.not(causes.map((cause) => g.not(cause)).reduce((a, b) => g.and(a, b)));
}

function typeDifference({ g, input }: BlockContext): Value {
  const types = input('token_type_ids', 'int64', ['batch', 'seq']);
  const isSame = g.equal(g.unsqueeze(types, [2]), g.unsqueeze(types, [1]));
  return g.unsqueeze(g.cast(g.not(isSame), 'float32'), [1]);
}

// R[d] = (sin(d·f₀) … sin(d·fₙ), cos(d·f₀) … cos(d·fₙ)), fᵢ = 10000^(−2i/hidden), for the distances d = seq, seq − 1, …
// down to 1 − seq, or to 0 where no query sees ahead. Dai et al. 2019, arXiv:1901.02860, §3.3.
function sinusoids({ g, mask }: BlockContext, sizes: RelativeSizes): Value {
  const seq = dimOf(mask, 1);
  const places = g.range(addDims(seq, sizes.isBidirectional ? seq : 1));
  const distances = g.cast(g.sub(g.sizeAt(mask, 1), places), 'float32');
  const { clamp } = sizes;
  const near = clamp === undefined ? distances : g.max(g.min(distances, clamp), -clamp);
  const count = Math.ceil(sizes.hidden / 2);
  const single = Math.fround;
  const frequencies = Float32Array.from({ length: count }, (_, i) =>
    single(1 / single(10000 ** single((2 * i) / sizes.hidden))),
  );
  const inverse = g.constant(floatTensor([count], frequencies));
  const angles = g.unsqueeze(g.mul(g.unsqueeze(near, [1]), inverse), [0]);
  const [sine, cosine] = [g.sin(angles), g.cos(angles)];
  if (!sizes.hasBothDirections) return g.concat([sine, cosine], -1);
  // sin(−x) = −sin x, cos(−x) = cos x.
  const row = g.mul(g.range(dimOf(mask, 0)), 2);
  const sign = g.where(g.less(row, g.sizeAt(mask, 0)), 1, -1);
  const turned = g.mul(sine, g.unsqueeze(sign, [1, 2]));
  return g.concat([turned, g.add(cosine, g.mul(turned, 0))], -1);
}

/** Rows one attention reads, `[batch, seq, heads·headSize]`; `distance` `[1 or batch, distances, heads·headSize]`. */
export interface RelativeRows {
  readonly query: Value;
  readonly key: Value;
  readonly value: Value;
  readonly distance: Value;
}

/** Biases `[heads, headSize]` added to queries that meet contents, distances, types; and embeddings `[2, heads, headSize]` of same and different type. */
export interface RelativeBiases {
  readonly content: Value;
  readonly distance: Value;
  readonly type: Value;
  readonly types: Value;
}

/**
 * softmax(((q + b)·kᵀ + shift((q + c)·rᵀ) + (q + t)·s)/√d − hidden)·V per head, s the embedding of "same type" or
 * "different type": `[batch, seq, heads·headSize]`. Yang et al. 2019, arXiv:1906.08237, §2.5; reference: transformers
 * `modeling_xlnet.py`.
 */
export function relativeAttention(
  g: GraphContext['g'],
  rows: RelativeRows,
  options: {
    readonly sizes: RelativeSizes;
    readonly biases: RelativeBiases;
    readonly hidden: Value;
    readonly differs: Value | undefined;
  },
): Value {
  const { sizes, biases, hidden, differs } = options;
  const heads = (x: Value): Value => toHeads(g, x, sizes);
  const query = heads(rows.query);
  const plus = (bias: Value): Value => g.add(query, g.unsqueeze(bias, [0, 2]));
  const content = g.matMul(plus(biases.content), heads(rows.key), { transB: true });
  const spread = g.matMul(plus(biases.distance), heads(rows.distance), { transB: true });
  const near = g.add(content, shifted(g, spread, content));
  const scores = differs
    ? g.add(near, typeScores(g, plus(biases.type), biases.types, differs))
    : near;
  const weights = g.softmax(g.sub(g.mul(scores, sizes.headSize ** -0.5), hidden));
  const mixed = g.transpose(g.matMul(weights, heads(rows.value)), [0, 2, 1, 3]);
  return g.reshape(mixed, rows.query.shape);
}

// (q + t)·s₀ + δ·((q + t)·s₁ − (q + t)·s₀), δ = 1 where types differ: `[batch, heads, seq, seq]`.
function typeScores(g: Graph, query: Value, types: Value, differs: Value): Value {
  const both = g.matMul(query, g.unsqueeze(g.transpose(types, [1, 0, 2]), [0]), { transB: true });
  const parts = g.split(both, [1, 1], -1);
  const [same, other] = [at(parts, 0), at(parts, 1)];
  return g.add(same, g.mul(g.sub(other, same), differs));
}

function toHeads(g: Graph, x: Value, { heads, headSize }: RelativeSizes): Value {
  const apart = g.reshape(x, [dimOf(x, 0), dimOf(x, 1), heads, headSize]);
  return g.transpose(apart, [0, 2, 1, 3]);
}

// Column p of row i belongs to distance seq − p; wanted is column j for distance i − j, so p = seq − i + j. Read as one
// long row from its place seq on, with rows one shorter, the matrix has just those columns.
function shifted(g: Graph, spread: Value, like: Value): Value {
  const [batch, heads, rows, columns] = spread.shape as [Dim, Dim, Dim, Dim];
  const turned = g.reshape(spread, [batch, heads, columns, rows]);
  const rest = g.slice(turned, 2, { start: 1 });
  const back = g.reshape(rest, [batch, heads, rows, dimOf(rest, 2)]);
  const inputs = [back, g.ints([0]), g.sizeAt(like, 3), g.ints([3])];
  return at(g.node('Slice', inputs, [{ dtype: 'float32', shape: like.shape }]), 0);
}
