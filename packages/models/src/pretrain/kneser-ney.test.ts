import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KneserNeyTrigram } from './kneser-ney.js';

const V = 5;
const streams = fc.array(
  fc.array(fc.nat({ max: V - 1 }), { maxLength: 60 }).map((tokens) => Int32Array.from(tokens)),
  { minLength: 1, maxLength: 4 },
);

test('for every context the probabilities of all tokens are positive and sum to 1', () => {
  fc.assert(
    fc.property(streams, fc.nat({ max: V - 1 }), fc.nat({ max: V - 1 }), (texts, before, last) => {
      const model = new KneserNeyTrigram(texts, V);
      const p = Array.from({ length: V }, (_, token) => model.probability(before, last, token));
      expect(Math.min(...p)).toBeGreaterThan(0);
      expect(p.reduce((sum, x) => sum + x, 0)).toBeCloseTo(1, 12);
    }),
  );
});

test('five tokens by hand', () => {
  // a b a b c: every n-gram type is seen in one context only, so all counts are 1 and, without counts of 2, D = ½.
  const [a, b, c] = [0, 1, 2] as const;
  const model = new KneserNeyTrigram([Int32Array.of(a, b, a, b, c)], 3);
  // Unigram: each token follows one kind of token:  ½/3 + (½·3/3)·⅓ = ⅓.
  // After b, a and c were seen:  p(c | b) = ½/2 + (½·2/2)·⅓ = 5/12,  p(b | b) = ½·⅓ = ⅙.
  // After a b likewise:  p(c | a b) = ½/2 + ½·5/12 = 11/24,  p(b | a b) = ½·⅙ = 1/12.
  expect(model.probability(a, b, c)).toBeCloseTo(11 / 24, 14);
  expect(model.probability(a, b, a)).toBeCloseTo(11 / 24, 14);
  expect(model.probability(a, b, b)).toBeCloseTo(1 / 12, 14);
  // c c was never seen, nor anything after c: only the unigram is left.
  expect(model.probability(c, c, b)).toBeCloseTo(1 / 3, 14);
});

test('discounts follow the counts of counts', () => {
  // Trigram types in separate streams, so that no others arise: 4 once, 2 twice, 1 three times, 1 four times.
  const seen: readonly (readonly [number, number])[] = [
    [0, 1],
    [1, 1],
    [2, 1],
    [3, 1],
    [4, 2],
    [5, 2],
    [6, 3],
    [7, 4],
  ];
  const texts = seen.flatMap(([token, times]) =>
    Array.from({ length: times }, () => Int32Array.of(8, 9, token)),
  );
  const model = new KneserNeyTrigram(texts, 10);
  // Y = 4/(4 + 2·2) = ½;  D₁ = 1 − 2·½·2/4 = ½,  D₂ = 2 − 3·½·1/2 = 5/4,  D₃₊ = 3 − 4·½·1/1 = 1.
  // freed mass: (½·4 + 5/4·2 + 1·2)/15 = 13/30, shared out by p(token | 9).
  const bigram = (token: number): number => model.probability(0, 9, token);
  const freed = 13 / 30;
  const expected = (kept: number, token: number) => kept / 15 + freed * bigram(token);
  expect(model.probability(8, 9, 0)).toBeCloseTo(expected(1 / 2, 0), 14);
  expect(model.probability(8, 9, 4)).toBeCloseTo(expected(3 / 4, 4), 14);
  expect(model.probability(8, 9, 6)).toBeCloseTo(expected(2, 6), 14);
  expect(model.probability(8, 9, 7)).toBeCloseTo(expected(3, 7), 14);
  expect(model.probability(8, 9, 8)).toBeCloseTo(freed * bigram(8), 14);
});

test('the loss of a stream is the sum over its tokens but the first', () => {
  const model = new KneserNeyTrigram([Int32Array.of(0, 1, 0, 1, 2)], 3);
  const p = [model.probability(2, 2, 1), model.probability(2, 1, 0), model.probability(1, 0, 2)];
  const expected = -p.reduce((sum, x) => sum + Math.log(x), 0);
  expect(model.loss(Int32Array.of(2, 1, 0, 2))).toBeCloseTo(expected, 12);
});

test('vocabularies whose trigrams outgrow exact integers are refused', () => {
  expect(() => new KneserNeyTrigram([], 300_000)).toThrow('VF905');
});
