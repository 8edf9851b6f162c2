/** A pair of neighbouring symbols and how often it was seen when it entered the heap. */
export interface CountedPair {
  readonly left: number;
  readonly right: number;
  readonly count: number;
}

/** More frequent first; among equals the pair of older symbols, so that training has one result. */
function before(a: CountedPair, b: CountedPair): boolean {
  if (a.count !== b.count) return a.count > b.count;
  return a.left !== b.left ? a.left < b.left : a.right < b.right;
}

/** Binary heap that gives the most frequent pair first. */
export class PairHeap {
  readonly #items: CountedPair[] = [];

  push(pair: CountedPair): void {
    const items = this.#items;
    let hole = items.length;
    items.push(pair);
    while (hole > 0) {
      const above = (hole - 1) >> 1;
      const parent = items[above];
      if (parent === undefined || !before(pair, parent)) break;
      items[hole] = parent;
      hole = above;
    }
    items[hole] = pair;
  }

  pop(): CountedPair | undefined {
    const items = this.#items;
    const best = items[0];
    const last = items.pop();
    if (best !== undefined && last !== undefined && items.length > 0) this.#sink(last);
    return best;
  }

  /** Places `pair` from the top down. */
  #sink(pair: CountedPair): void {
    const items = this.#items;
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      let smaller = items[child];
      const other = items[child + 1];
      if (smaller !== undefined && other !== undefined && before(other, smaller)) {
        smaller = other;
        child++;
      }
      if (smaller === undefined || !before(smaller, pair)) break;
      items[hole] = smaller;
      hole = child;
    }
    items[hole] = pair;
  }
}
