import { Bug } from '@vflair/core/text';

/** Counts of one order: how often a context was continued, by how many different tokens, and each continuation's count. */
interface Order {
  /** context·V + token → count. */
  readonly counts: Map<number, number>;
  /** context → Σ counts. */
  readonly totals: Map<number, number>;
  /** context → number of different continuations with count 1, 2, and 3 or more. */
  readonly kinds: Map<number, [number, number, number]>;
  /** Discounts of counts 1, 2, and 3 or more. */
  readonly discounts: readonly [number, number, number];
}

/**
 * Trigram model with interpolated modified Kneser–Ney smoothing (Chen & Goodman 1999, "An empirical study of smoothing
 * techniques for language modeling", section 3.4): lower orders count in how many contexts a token was seen, discounts
 * come from the counts of counts, and the unigram is interpolated with the uniform distribution.
 */
export class KneserNeyTrigram {
  readonly #vocabulary: number;
  readonly #orders: readonly [Order, Order, Order];

  /** `streams` of tokens below `vocabulary`; n-grams never cross from one stream to the next. */
  constructor(streams: Iterable<Int32Array>, vocabulary: number) {
    this.#vocabulary = vocabulary;
    if (vocabulary ** 3 > Number.MAX_SAFE_INTEGER)
      throw new Bug('VF905', `${vocabulary} tokens are too many to number their trigrams`);
    const trigrams = new Map<number, number>();
    const pairs = new Set<number>();
    for (const stream of streams) this.#count(stream, trigrams, pairs);
    const bigrams = new Map<number, number>();
    // A bigram at the start of a stream has no token before it; it still was seen once.
    for (const key of trigrams.keys()) add(bigrams, key % vocabulary ** 2);
    for (const key of pairs) if (!bigrams.has(key)) bigrams.set(key, 1);
    const unigrams = new Map<number, number>();
    for (const key of bigrams.keys()) add(unigrams, key % vocabulary);
    this.#orders = [
      orderOf(unigrams, vocabulary),
      orderOf(bigrams, vocabulary),
      orderOf(trigrams, vocabulary),
    ];
  }

  /** p(token | two tokens before), positive. */
  probability(before: number, last: number, token: number): number {
    const v = this.#vocabulary;
    const [unigram, bigram, trigram] = this.#orders;
    const p0 = interpolate(unigram, { context: 0, token, v }, 1 / v);
    const p1 = interpolate(bigram, { context: last, token, v }, p0);
    return interpolate(trigram, { context: before * v + last, token, v }, p1);
  }

  /** Σ −ln p over all tokens of a stream but the first; the second is predicted from the first alone, given twice. */
  loss(stream: Int32Array): number {
    let sum = 0;
    for (let i = 1; i < stream.length; i++) {
      const last = stream[i - 1] as number;
      sum -= Math.log(this.probability(stream[i - 2] ?? last, last, stream[i] as number));
    }
    return sum;
  }

  #count(stream: Int32Array, trigrams: Map<number, number>, pairs: Set<number>): void {
    const v = this.#vocabulary;
    for (let i = 1; i < stream.length; i++) {
      const pair = (stream[i - 1] as number) * v + (stream[i] as number);
      pairs.add(pair);
      if (i > 1) add(trigrams, (stream[i - 2] as number) * v * v + pair);
    }
  }
}

function add(counts: Map<number, number>, key: number): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function orderOf(counts: Map<number, number>, vocabulary: number): Order {
  const totals = new Map<number, number>();
  const kinds = new Map<number, [number, number, number]>();
  const seen: [number, number, number, number] = [0, 0, 0, 0];
  for (const [key, count] of counts) {
    const context = Math.floor(key / vocabulary);
    totals.set(context, (totals.get(context) ?? 0) + count);
    const kind = kinds.get(context) ?? [0, 0, 0];
    kinds.set(context, kind);
    kind[kindOf(count)]++;
    if (count <= 4) seen[(count - 1) as 0 | 1 | 2 | 3]++;
  }
  return { counts, totals, kinds, discounts: discountsOf(seen) };
}

function kindOf(count: number): 0 | 1 | 2 {
  return count >= 3 ? 2 : count === 2 ? 1 : 0;
}

// Y = n₁/(n₁ + 2n₂);  D₁ = 1 − 2Y·n₂/n₁,  D₂ = 2 − 3Y·n₃/n₂,  D₃₊ = 3 − 4Y·n₄/n₃;  ½ where the counts of counts give none.
function discountsOf([n1, n2, n3, n4]: readonly [number, number, number, number]): [
  number,
  number,
  number,
] {
  const y = n1 / (n1 + 2 * n2);
  const usable = (discount: number, limit: number): number =>
    discount > 0 && discount < limit ? discount : 0.5;
  return [
    usable(1 - (2 * y * n2) / n1, 1),
    usable(2 - (3 * y * n3) / n2, 2),
    usable(3 - (4 * y * n4) / n3, 3),
  ];
}

// (c − D(c))/Σc + (D₁N₁ + D₂N₂ + D₃₊N₃₊)/Σc · p of the shorter context; that alone where the context was never seen.
function interpolate(
  { counts, totals, kinds, discounts }: Order,
  { context, token, v }: { context: number; token: number; v: number },
  shorter: number,
): number {
  const total = totals.get(context);
  const kind = kinds.get(context);
  if (total === undefined || kind === undefined) return shorter;
  const count = counts.get(context * v + token) ?? 0;
  const kept = count === 0 ? 0 : count - discounts[kindOf(count)];
  const freed = discounts[0] * kind[0] + discounts[1] * kind[1] + discounts[2] * kind[2];
  return (kept + freed * shorter) / total;
}
