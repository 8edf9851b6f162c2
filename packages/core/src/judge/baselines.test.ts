import { expect, test } from 'vitest';
import { randomStream } from '../tensor/index.js';
import { fitNaiveBayes } from './naive-bayes.js';
import { countTokens, mostFrequent, unigramExpectation, unigramSampler } from './priors.js';

test('naive Bayes follows its formula on the classic example', () => {
  // Manning et al. 2008, example 13.1: Chinese 0, Beijing 1, Shanghai 2, Macao 3, Tokyo 4, Japan 5; class 1 is "China".
  const rows = [
    { ids: [0, 1, 0], label: 1 },
    { ids: [0, 0, 2], label: 1 },
    { ids: [0, 3], label: 1 },
    { ids: [4, 5, 0], label: 0 },
  ];
  const classify = fitNaiveBayes(rows, { classes: 2, vocabulary: 6 });
  expect(classify([0, 0, 0, 4, 5])).toBe(1);
  expect(classify([4, 5])).toBe(0);
  expect(classify([])).toBe(1);
});

test('naive Bayes never answers with a class it has not seen, and breaks ties downwards', () => {
  const rows = [
    { ids: [1], label: 0 },
    { ids: [2], label: 2 },
  ];
  const classify = fitNaiveBayes(rows, { classes: 3, vocabulary: 4 });
  expect(classify([1, 2])).toBe(0);
  expect(classify([2])).toBe(2);
  expect(classify([3, 3, 3])).toBe(0);
});

const counts = countTokens([
  { ids: [9, 1, 1, 2, 8], userMask: [false, true, true, true, false] },
  { ids: [9, 1, 3, 8], userMask: [false, true, true, false] },
]);

test('public tokens are counted with and without special ones', () => {
  expect(mostFrequent(counts.all, 3)).toEqual([1, 8, 9]);
  expect(mostFrequent(counts.user, 9)).toEqual([1, 2, 3]);
});

test('the unigram prior expects the sum of the true tokens’ frequencies', () => {
  const row = { truth: [9, 1, 2, 7, 8], scored: [false, true, true, true, false] };
  expect(unigramExpectation(counts.user, row)).toEqual({
    numerator: expect.closeTo(3 / 5 + 1 / 5, 12),
    denominator: 3,
  });
  expect(unigramExpectation(new Map(), row)).toEqual({ numerator: 0, denominator: 3 });
});

test('drawn tokens have the public frequencies', () => {
  const drawn = unigramSampler(counts.user, randomStream('drawn'))(5000);
  const share = (id: number) => drawn.filter((other) => other === id).length / drawn.length;
  // Standard errors are below 0.007.
  expect(Math.abs(share(1) - 0.6)).toBeLessThan(0.03);
  expect(Math.abs(share(2) - 0.2)).toBeLessThan(0.03);
  expect(Math.abs(share(3) - 0.2)).toBeLessThan(0.03);
  expect(unigramSampler(new Map(), randomStream('none'))(4)).toEqual([]);
});
