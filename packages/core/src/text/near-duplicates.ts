import { at } from './diagnostic.js';

/**
 * Two texts are near-duplicates when their sets of shingles (runs of consecutive words, lower-cased, without
 * punctuation) have a Jaccard similarity of at least `threshold`. Three words and one half find a sentence of a dozen
 * words with one word added at an end, or a paragraph with a few words changed, but not two texts on one subject.
 */
export interface Likeness {
  readonly words: number;
  readonly threshold: number;
}

/** The likeness used throughout, unless said otherwise. */
export const usualLikeness: Likeness = { words: 3, threshold: 0.5 };

/** Indices of two near-duplicates and their Jaccard similarity. */
export interface DuplicatePair {
  readonly first: number;
  readonly second: number;
  readonly similarity: number;
}

/**
 * The shingles of a text as 53-bit hashes, ascending and distinct; a text shorter than a shingle is one, and a text
 * without words is itself. Two different shingles share a hash with probability 2⁻⁵³.
 */
export function shingles(text: string, words = usualLikeness.words): Float64Array {
  const found = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [text.trim()];
  const hashes = found.map(hashOf);
  const count = Math.max(hashes.length - words, 0) + 1;
  const runs = Float64Array.from({ length: count }, (_, i) => hashOf(hashes.slice(i, i + words)));
  return Float64Array.from(new Set(runs)).sort();
}

/** |A ∩ B| / |A ∪ B| of two ascending lists of distinct numbers, 0 to 1; 1 for two empty ones. */
export function jaccard(a: Float64Array, b: Float64Array): number {
  let shared = 0;
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const difference = (a[i] ?? 0) - (b[j] ?? 0);
    if (difference === 0) shared++;
    if (difference <= 0) i++;
    if (difference >= 0) j++;
  }
  const union = a.length + b.length - shared;
  return union === 0 ? 1 : shared / union;
}

/** All near-duplicates within one list, `first < second`, in order. */
export function nearDuplicates(
  texts: readonly string[],
  likeness = usualLikeness,
): DuplicatePair[] {
  return join(texts, likeness, { asked: () => true });
}

/** Near-duplicates between two lists: `first` counts in `left`, `second` in `right`. */
export function nearDuplicatesBetween(
  left: readonly string[],
  right: readonly string[],
  likeness = usualLikeness,
): DuplicatePair[] {
  const asked = (first: number, second: number): boolean =>
    first < left.length && second >= left.length;
  const pairs = join([...left, ...right], likeness, { asked });
  return pairs.map((pair) => ({ ...pair, second: pair.second - left.length }));
}

/** What is left of `texts` after dropping those that are, nearly, among `others`: indices kept, and how many went. */
export function withoutDuplicatesOf(
  texts: readonly string[],
  others: readonly string[],
  likeness = usualLikeness,
): { readonly kept: readonly number[]; readonly dropped: number } {
  const found = new Set(nearDuplicatesBetween(texts, others, likeness).map(({ first }) => first));
  const kept = texts.flatMap((_, i) => (found.has(i) ? [] : [i]));
  return { kept, dropped: texts.length - kept.length };
}

/**
 * The near-duplicate cluster of each text, as the index of its first text: near-duplicates of near-duplicates belong
 * together. For splits that no cluster may straddle.
 */
export function nearDuplicateClusters(
  texts: readonly string[],
  likeness = usualLikeness,
): number[] {
  const clusters = new Clusters(texts.length);
  join(texts, likeness, {
    asked: (first, second) => clusters.of(first) !== clusters.of(second),
    found: (first, second) => clusters.unite(first, second),
  });
  return clusters.all();
}

/** Items that are put together pair by pair (union–find); a cluster is named by its smallest item. */
export class Clusters {
  readonly #parent: number[];

  constructor(count: number) {
    this.#parent = Array.from({ length: count }, (_, i) => i);
  }

  /** The smallest item of the cluster that `item` is in. */
  of(item: number): number {
    let node = item;
    for (let above = at(this.#parent, node); above !== node; above = at(this.#parent, node)) {
      this.#parent[node] = at(this.#parent, above);
      node = above;
    }
    return node;
  }

  unite(first: number, second: number): void {
    const [a, b] = [this.of(first), this.of(second)];
    this.#parent[Math.max(a, b)] = Math.min(a, b);
  }

  /** {@link Clusters.of} every item. */
  all(): number[] {
    return this.#parent.map((_, item) => this.of(item));
  }
}

interface Listener {
  /** Whether a pair is worth comparing. */
  readonly asked: (first: number, second: number) => boolean;
  readonly found?: (first: number, second: number) => void;
}

// Prefix filter: sort each set from rare to common. Sets with |A ∩ B| ≥ t·|A ∪ B| ≥ t·|A| must share one of the first
// |A| − ⌈t·|A|⌉ + 1 shingles of A and likewise of B. So only rare shingles are looked up, no pair is missed, and the
// similarity itself decides. Source: Chaudhuri, Ganti & Kaushik 2006, doi:10.1109/ICDE.2006.9.
function join(texts: readonly string[], likeness: Likeness, listener: Listener): DuplicatePair[] {
  const sets = texts.map((text) => shingles(text, likeness.words));
  const prefixes = rarePrefixes(sets, likeness.threshold);
  const holders = new Map<number, number[]>();
  const pairs: DuplicatePair[] = [];
  sets.forEach((set, second) => {
    const candidates = new Set<number>();
    for (const shingle of at(prefixes, second)) {
      const list = holders.get(shingle) ?? [];
      for (const first of list) candidates.add(first);
      list.push(second);
      holders.set(shingle, list);
    }
    for (const first of candidates) {
      if (!listener.asked(first, second)) continue;
      const similarity = jaccard(at(sets, first), set);
      if (similarity < likeness.threshold) continue;
      pairs.push({ first, second, similarity });
      listener.found?.(first, second);
    }
  });
  return pairs.sort((a, b) => a.first - b.first || a.second - b.second);
}

function rarePrefixes(sets: readonly Float64Array[], threshold: number): Float64Array[] {
  const frequency = new Map<number, number>();
  for (const set of sets) {
    for (const shingle of set) frequency.set(shingle, (frequency.get(shingle) ?? 0) + 1);
  }
  const rarity = (shingle: number): number => frequency.get(shingle) ?? 0;
  return sets.map((set) => {
    const length = set.length - Math.ceil(threshold * set.length) + 1;
    return set.toSorted((a, b) => rarity(a) - rarity(b) || a - b).subarray(0, length);
  });
}

// Two 32-bit hashes side by side, cut to 53 bits; of a word's characters, or of its words' hashes.
function hashOf(parts: string | readonly number[]): number {
  let high = 0x811c9dc5;
  let low = 0x1b873593;
  for (let i = 0; i < parts.length; i++) {
    const part = typeof parts === 'string' ? parts.charCodeAt(i) : at(parts, i);
    high = Math.imul(high ^ (part / 0x100000000), 0x85ebca6b) ^ Math.imul(part, 0x9e3779b1);
    high ^= high >>> 13;
    low = Math.imul(low ^ part, 0x01000193);
    low ^= low >>> 15;
  }
  return (high >>> 11) * 0x100000000 + (low >>> 0);
}
