import type { Random } from '../tensor/index.js';
import { at } from '../text/index.js';
import type { Ratio } from './ratio.js';

/** How often each token occurs in public text: `all` with special tokens, `user` only where a user's own tokens stand. */
export interface TokenCounts {
  readonly all: ReadonlyMap<number, number>;
  readonly user: ReadonlyMap<number, number>;
}

/** Public rows as ids; `userMask` is true where a user's own token stands. */
export interface PublicRow {
  readonly ids: readonly number[];
  readonly userMask: readonly boolean[];
}

/** {@link TokenCounts} of public rows without padding. */
export function countTokens(rows: readonly PublicRow[]): TokenCounts {
  const all = new Map<number, number>();
  const user = new Map<number, number>();
  for (const { ids, userMask } of rows) {
    ids.forEach((id, i) => {
      all.set(id, (all.get(id) ?? 0) + 1);
      if (userMask[i]) user.set(id, (user.get(id) ?? 0) + 1);
    });
  }
  return { all, user };
}

/** The `count` most frequent ids, ties to the smaller id. */
export function mostFrequent(counts: ReadonlyMap<number, number>, count: number): number[] {
  const order = [...counts].sort(([idA, a], [idB, b]) => b - a || idA - idB);
  return order.slice(0, count).map(([id]) => id);
}

/** Expected number of right positions when each is drawn from the public frequencies: Σ p(x_s) over scored positions. */
export function unigramExpectation(
  counts: ReadonlyMap<number, number>,
  { truth, scored }: { readonly truth: readonly number[]; readonly scored: readonly boolean[] },
): Ratio {
  const total = totalOf(counts);
  let expected = 0;
  let denominator = 0;
  truth.forEach((id, i) => {
    if (!scored[i]) return;
    denominator++;
    if (total > 0) expected += (counts.get(id) ?? 0) / total;
  });
  return { numerator: expected, denominator };
}

/** Ids drawn independently from the public frequencies; as many as asked for, none where nothing was counted. */
export function unigramSampler(
  counts: ReadonlyMap<number, number>,
  random: Random,
): (length: number) => number[] {
  const ids = [...counts.keys()].sort((a, b) => a - b);
  const cumulative: number[] = [];
  let sum = 0;
  for (const id of ids) {
    sum += counts.get(id) ?? 0;
    cumulative.push(sum);
  }
  const one = (): number => {
    const target = random.uniform() * sum;
    let low = 0;
    let high = cumulative.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (at(cumulative, middle) > target) high = middle;
      else low = middle + 1;
    }
    return at(ids, low);
  };
  return (length) => (sum === 0 ? [] : Array.from({ length }, one));
}

function totalOf(counts: ReadonlyMap<number, number>): number {
  let total = 0;
  for (const count of counts.values()) total += count;
  return total;
}
