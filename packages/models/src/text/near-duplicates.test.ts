import { randomStream } from '@vflair/core/tensor';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sketchedClusters } from './near-duplicates.js';

const random = randomStream('near-duplicates test');
const words = (count: number): string[] =>
  Array.from({ length: count }, () => `w${random.integer(5000)}`);

function clustersOf(texts: readonly string[]): number[] {
  const clusters = sketchedClusters(texts);
  return texts.map((_, index) => clusters.of(index));
}

test('case, punctuation and white space make no difference', () => {
  expect(
    clustersOf(['Buy now, cheap pills!', 'other words of a text', 'buy  now - CHEAP pills']),
  ).toEqual([0, 1, 0]);
});

test('one changed word in a hundred is a near-duplicate, another text is not', () => {
  const text = words(100);
  const changed = text.with(50, 'changed');
  expect(clustersOf([text.join(' '), words(100).join(' '), changed.join(' ')])).toEqual([0, 1, 0]);
});

test('near-duplicates of near-duplicates are together', () => {
  const text = words(120);
  const [a, b, c] = [text.slice(0, 80), text.slice(20, 100), text.slice(40)].map((part) =>
    part.join(' '),
  );
  expect(clustersOf([a ?? '', b ?? '', c ?? ''])).toEqual([0, 0, 0]);
});

test('texts without a word are alone, equal short ones together', () => {
  expect(clustersOf(['', '!!!', 'hi', 'Hi.'])).toEqual([0, 1, 2, 2]);
});

test('a cluster larger than what is remembered per hash holds together', () => {
  const text = words(30).join(' ');
  expect(new Set(clustersOf(Array.from({ length: 200 }, () => text)))).toEqual(new Set([0]));
});

test('the clusters do not depend on the order of texts', () => {
  const parts = Array.from({ length: 6 }, () => words(40).join(' '));
  const texts = fc.array(fc.tuple(fc.nat({ max: 5 }), fc.nat({ max: 5 })), {
    minLength: 2,
    maxLength: 8,
  });
  fc.assert(
    fc.property(texts, (pairs) => {
      const list = pairs.map(([a, b]) => `${parts[a]} ${parts[b]}`);
      const forwards = clustersOf(list);
      const backwards = clustersOf(list.toReversed()).reverse();
      for (let i = 0; i < list.length; i++) {
        for (let j = 0; j < i; j++) {
          expect(forwards[i] === forwards[j]).toBe(backwards[i] === backwards[j]);
        }
      }
    }),
  );
});
