import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  Clusters,
  jaccard,
  nearDuplicateClusters,
  nearDuplicates,
  nearDuplicatesBetween,
  shingles,
  withoutDuplicatesOf,
} from './near-duplicates.js';

const offer = 'Dear friend, this is the very best offer that you will ever see in your whole life.';
const changed =
  'dear FRIEND: this is the very best offer that you will ever see in your short life!';
const other = 'The whale had been seen off the coast of Japan by two ships that summer.';

// The same by definition, with the shingles as strings.
function runs(text: string, words: number): ReadonlySet<string> {
  const found = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [text.trim()];
  const count = Math.max(found.length - words, 0) + 1;
  return new Set(Array.from({ length: count }, (_, i) => found.slice(i, i + words).join(' ')));
}

test('texts with the same words have the same shingles, whatever case and punctuation', () => {
  expect(shingles('One, two; THREE four.')).toEqual(shingles('one two three FOUR'));
  expect(shingles('one two three four five')).toHaveLength(3);
  expect(shingles('a b a b a b')).toHaveLength(2);
  expect(shingles('yes')).not.toEqual(shingles('no'));
  expect(shingles(' ?! ')).not.toEqual(shingles('...'));
});

test('the similarity of a set with half of itself is one half', () => {
  expect(jaccard(Float64Array.of(1, 2), Float64Array.of(2))).toBe(0.5);
  expect(jaccard(new Float64Array(), new Float64Array())).toBe(1);
});

test('a copy with one word changed is a near-duplicate, a different text is not', () => {
  const [pair, ...rest] = nearDuplicates([offer, other, changed]);
  expect(rest).toEqual([]);
  expect([pair?.first, pair?.second]).toEqual([0, 2]);
  // 17 words give 15 shingles; the changed word is second to last and sits in 2 of them.
  expect(pair?.similarity).toBeCloseTo(13 / 17, 12);
});

test('between two lists only pairs across count, and what matches is dropped', () => {
  expect(nearDuplicatesBetween([other, offer, offer], [changed, 'Ahoy'])).toMatchObject([
    { first: 1, second: 0 },
    { first: 2, second: 0 },
  ]);
  expect(withoutDuplicatesOf([other, offer, offer], [changed])).toEqual({ kept: [0], dropped: 2 });
  expect(withoutDuplicatesOf([], [changed])).toEqual({ kept: [], dropped: 0 });
});

test('clusters follow chains of pairs and are named by their first item', () => {
  const clusters = new Clusters(6);
  clusters.unite(3, 4);
  clusters.unite(1, 3);
  clusters.unite(2, 0);
  expect(clusters.all()).toEqual([0, 1, 0, 1, 1, 5]);
  expect(nearDuplicateClusters([other, offer, changed])).toEqual([0, 1, 1]);
});

test('the prefix filter finds exactly the pairs that comparing all with all finds', () => {
  const word = fc.constantFrom('a', 'b', 'c', 'd');
  const texts = fc.array(
    fc.array(word, { maxLength: 9 }).map((words) => words.join(' ')),
    {
      maxLength: 12,
    },
  );
  fc.assert(
    fc.property(texts, fc.constantFrom(0.3, 0.5, 0.8, 1), (list, threshold) => {
      const all = list.flatMap((a, first) =>
        list.flatMap((b, second) => {
          const [left, right] = [runs(a, 2), runs(b, 2)];
          const shared = [...left].filter((run) => right.has(run)).length;
          const similarity = shared / (left.size + right.size - shared);
          return first < second && similarity >= threshold ? [{ first, second, similarity }] : [];
        }),
      );
      expect(nearDuplicates(list, { words: 2, threshold })).toEqual(all);
    }),
    { seed: 11, numRuns: 300 },
  );
});
