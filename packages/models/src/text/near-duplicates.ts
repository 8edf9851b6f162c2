import { at, Clusters } from '@vflair/core/text';

/** How texts are compared. */
export interface NearDuplicateOptions {
  /** Words per shingle; default 3. */
  readonly words?: number;
  /**
   * Least estimated Jaccard similarity of two texts' shingles to count as near-duplicates; default 0.3, so that a pair
   * whose true similarity is 0.5 or more is missed about once in a hundred.
   */
  readonly similarity?: number;
  /** Hashes kept per text; default 48. The estimate's standard error is at most 1 / (2·√hashes). */
  readonly hashes?: number;
}

/** Texts remembered per hash; later ones are still compared with these, so a cluster of any size holds together. */
const MOST_HOLDERS = 40;
/** Base of the rolling hash of a shingle: Σ wordᵢ·BASEⁿ⁻¹⁻ⁱ mod 2³². */
const BASE = 0x01000193;

/**
 * Near-duplicates as clusters of indices, fast enough for whole datasets: like `nearDuplicateClusters` of core/text,
 * but from sketches instead of whole sets. Texts are reduced to lower-case words (letters and digits), then to the set
 * of their word shingles; near-duplicates of near-duplicates are in one cluster, texts without a word are alone.
 * Similarity is estimated from the smallest shingle hashes (Broder 1997, "On the resemblance and containment of
 * documents").
 */
export function sketchedClusters(
  texts: readonly string[],
  { words = 3, similarity = 0.3, hashes = 48 }: NearDuplicateOptions = {},
): Clusters {
  const clusters = new Clusters(texts.length);
  const sketches = texts.map((text) => sketchOf(text, words, hashes));
  const earlier = new Index();
  sketches.forEach((sketch, index) => {
    for (const other of earlier.sharing(sketch)) {
      if (clusters.of(other) === clusters.of(index)) continue;
      if (resemblance(sketch, at(sketches, other), hashes) >= similarity)
        clusters.unite(other, index);
    }
    earlier.add(sketch, index);
  });
  return clusters;
}

/** Texts by the hashes in their sketches. */
class Index {
  readonly #holders = new Map<number, number[]>();

  add(sketch: readonly number[], index: number): void {
    for (const hash of sketch) {
      const holders = this.#holders.get(hash);
      if (holders === undefined) this.#holders.set(hash, [index]);
      else if (holders.length < MOST_HOLDERS) holders.push(index);
    }
  }

  /** Texts that share at least one hash, each once. */
  sharing(sketch: readonly number[]): Set<number> {
    const found = new Set<number>();
    for (const hash of sketch) {
      for (const other of this.#holders.get(hash) ?? []) found.add(other);
    }
    return found;
  }
}

/** Share of the smallest hashes of the union that both hold: an unbiased estimate of Jaccard similarity. */
function resemblance(a: readonly number[], b: readonly number[], limit: number): number {
  const size = Math.min(limit, Math.max(a.length, b.length));
  let i = 0;
  let j = 0;
  let union = 0;
  let both = 0;
  for (; union < size && i < a.length && j < b.length; union++) {
    const x = a[i] ?? 0;
    const y = b[j] ?? 0;
    if (x === y) both++;
    if (x <= y) i++;
    if (y <= x) j++;
  }
  const rest = Math.min(limit, union + a.length - i + b.length - j);
  return rest === 0 ? 0 : both / rest;
}

/** The smallest distinct shingle hashes of a text, ascending; one shingle where it has fewer words. */
function sketchOf(text: string, words: number, limit: number): number[] {
  const hashes = wordHashes(text);
  const sketch: number[] = [];
  const first = Math.min(words, hashes.length);
  let leaving = 1;
  for (let i = 0; i < first; i++) leaving = Math.imul(leaving, BASE);
  let rolling = 0;
  hashes.forEach((hash, i) => {
    rolling = Math.imul(rolling, BASE) + hash;
    if (i >= first) rolling -= Math.imul(hashes[i - first] ?? 0, leaving);
    rolling |= 0;
    if (i >= first - 1) keepSmallest(sketch, scramble(rolling), limit);
  });
  return sketch;
}

/** Spreads a rolling hash over all 32 bits (finaliser of MurmurHash3). */
function scramble(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

function keepSmallest(sketch: number[], hash: number, limit: number): void {
  const largest = sketch[limit - 1];
  if (largest !== undefined && hash >= largest) return;
  let place = sketch.length;
  while (place > 0 && (sketch[place - 1] ?? 0) > hash) place--;
  if (place > 0 && sketch[place - 1] === hash) return;
  sketch.splice(place, 0, hash);
  if (sketch.length > limit) sketch.pop();
}

/** FNV-1a hash of each run of letters and digits, lower case; every character beyond Latin-1 signs counts as a letter. */
function wordHashes(text: string): number[] {
  const lower = text.toLowerCase();
  const hashes: number[] = [];
  let hash = 0;
  let isInside = false;
  for (let i = 0; i <= lower.length; i++) {
    const code = i < lower.length ? lower.charCodeAt(i) : 32;
    const isLetter = (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || code >= 0xc0;
    if (isLetter) hash = Math.imul((isInside ? hash : 0x811c9dc5) ^ code, 0x01000193);
    else if (isInside) hashes.push(hash);
    isInside = isLetter;
  }
  return hashes;
}
