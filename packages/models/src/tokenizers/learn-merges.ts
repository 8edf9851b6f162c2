import { at, present } from '@vflair/core/text';
import { PairHeap } from './pair-heap.js';

/** A distinct word as symbols, and its number of occurrences. */
export interface CountedWord {
  readonly symbols: readonly number[];
  readonly count: number;
}

/** Two neighbouring symbols that become one. */
export interface Merge {
  readonly left: number;
  readonly right: number;
  readonly count: number;
}

/** Pairs are keyed by one number: symbols stay below 2²⁰. */
const RADIX = 2 ** 20;

interface PairState {
  readonly left: number;
  readonly right: number;
  count: number;
  /** Indices of words the pair was ever seen in. */
  readonly words: Set<number>;
}

/**
 * Byte-pair encoding (Sennrich et al. 2016, arXiv:1508.07909): again and again the most frequent pair of neighbouring
 * symbols, as long as it occurs at least twice. `symbolOf` names the symbol a pair becomes and is asked once per merge,
 * after the merge was yielded; stop reading to stop training.
 */
export function* learnMerges(
  words: readonly CountedWord[],
  symbolOf: (merge: Merge) => number,
): Generator<Merge> {
  const training = new MergeTraining(words);
  for (let best = training.best(); best !== undefined; best = training.best()) {
    yield best;
    training.apply(best, symbolOf(best));
  }
}

class MergeTraining {
  readonly #words: number[][];
  readonly #counts: readonly number[];
  readonly #pairs = new Map<number, PairState>();
  readonly #heap = new PairHeap();

  constructor(words: readonly CountedWord[]) {
    this.#words = words.map((word) => [...word.symbols]);
    this.#counts = words.map((word) => word.count);
    this.#words.forEach((word, index) => {
      for (let i = 1; i < word.length; i++) {
        this.#add(at(word, i - 1), at(word, i), index, at(this.#counts, index));
      }
    });
    for (const { left, right, count } of this.#pairs.values())
      this.#heap.push({ left, right, count });
  }

  /** Entries of the heap may be out of date: counts fall silently, and are looked up when an entry comes out. */
  best(): Merge | undefined {
    for (let top = this.#heap.pop(); top !== undefined; top = this.#heap.pop()) {
      const { left, right } = top;
      const count = this.#pairs.get(left * RADIX + right)?.count ?? 0;
      if (count === top.count) return count < 2 ? undefined : top;
      if (count > 0 && count < top.count) this.#heap.push({ left, right, count });
    }
    return undefined;
  }

  apply({ left, right }: Merge, symbol: number): void {
    const key = left * RADIX + right;
    const state = present(this.#pairs.get(key), 'pair');
    const grown = new Set<PairState>();
    for (const index of state.words) this.#mergeIn(index, { left, right, symbol, grown });
    this.#pairs.delete(key);
    for (const { left: a, right: b, count } of grown) {
      if (count > 0) this.#heap.push({ left: a, right: b, count });
    }
  }

  /** Replaces the pair in one word: its old pairs lose the word's count, the new ones gain it. */
  #mergeIn(
    index: number,
    merge: { left: number; right: number; symbol: number; grown: Set<PairState> },
  ): void {
    const { left, right, symbol, grown } = merge;
    const old = at(this.#words, index);
    const count = at(this.#counts, index);
    const word = replacePair(old, { left, right, symbol });
    if (word.length === old.length) return;
    for (let i = 1; i < old.length; i++) this.#add(at(old, i - 1), at(old, i), index, -count);
    for (let i = 1; i < word.length; i++) {
      grown.add(this.#add(at(word, i - 1), at(word, i), index, count));
    }
    this.#words[index] = word;
  }

  #add(left: number, right: number, index: number, count: number): PairState {
    const key = left * RADIX + right;
    let state = this.#pairs.get(key);
    if (state === undefined) {
      state = { left, right, count: 0, words: new Set() };
      this.#pairs.set(key, state);
    }
    state.count += count;
    if (count > 0) state.words.add(index);
    return state;
  }
}

/** The word with every occurrence of the pair, from the left, replaced by the symbol. */
function replacePair(
  word: readonly number[],
  { left, right, symbol }: { left: number; right: number; symbol: number },
): number[] {
  const result: number[] = [];
  for (let i = 0; i < word.length; i++) {
    const isPair = word[i] === left && word[i + 1] === right;
    result.push(isPair ? symbol : at(word, i));
    if (isPair) i++;
  }
  return result;
}
