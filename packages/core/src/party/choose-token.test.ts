import fc from 'fast-check';
import { expect, test } from 'vitest';
import { randomStream } from '../tensor/index.js';
import { chooseToken, type Sampling } from './choose-token.js';

const logits = Float32Array.of(1, 3, 2, 3);

/** How often each token is drawn in `count` draws. */
function frequencies(sampling: Sampling, count: number): number[] {
  const random = randomStream('choose-token');
  const drawn = [0, 0, 0, 0];
  for (let i = 0; i < count; i++) {
    const token = chooseToken(logits, sampling, random);
    drawn[token] = (drawn[token] ?? 0) + 1 / count;
  }
  return drawn;
}

test('temperature 0 takes the most likely token, the first of equals, and draws nothing', () => {
  const random = randomStream('untouched');
  expect(chooseToken(logits, { temperature: 0 }, random)).toBe(1);
  expect(random.uniform()).toBe(randomStream('untouched').uniform());
});

test.each([0.5, 1, 2])(
  'at temperature %d tokens come as softmax(logits / temperature) says',
  (temperature) => {
    const weights = [...logits].map((logit) => Math.exp(logit / temperature));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const found = frequencies({ temperature }, 20_000);
    // Standard error of a frequency at 20 000 draws is at most 0.0036; four of them.
    for (const [i, share] of found.entries())
      expect(Math.abs(share - (weights[i] ?? 0) / total)).toBeLessThan(0.0145);
  },
);

test('only the k most likely tokens are drawn, ties to the lower one', () => {
  expect(frequencies({ temperature: 1, topK: 1 }, 50)[1]).toBeCloseTo(1);
  const [a, , c] = frequencies({ temperature: 1, topK: 2 }, 500);
  expect([a, c]).toEqual([0, 0]);
});

test('only the smallest set of most likely tokens that makes up the mass is drawn', () => {
  // softmax: .05 .40 .15 .40
  const [a, b, c, d] = frequencies({ temperature: 1, topP: 0.7 }, 500);
  expect([a, c]).toEqual([0, 0]);
  expect(Math.min(b ?? 0, d ?? 0)).toBeGreaterThan(0.4);
  expect(frequencies({ temperature: 1, topP: 0.01 }, 50)[1]).toBeCloseTo(1);
});

test('the same stream gives the same tokens', () => {
  const draws = () => {
    const random = randomStream('again');
    return Array.from({ length: 20 }, () => chooseToken(logits, { temperature: 1 }, random));
  };
  expect(draws()).toEqual(draws());
  expect(new Set(draws()).size).toBeGreaterThan(1);
});

test('only tokens at least `min-p` times as likely as the best one are drawn', () => {
  // softmax: .05 .40 .15 .40, so shares of the largest: e⁻² = .14, 1, e⁻¹ = .37, 1
  const [a, b, c, d] = frequencies({ temperature: 1, minP: 0.3 }, 500);
  expect(a).toBe(0);
  expect(Math.min(b ?? 0, c ?? 0, d ?? 0)).toBeGreaterThan(0);
  expect(frequencies({ temperature: 1, minP: 0.37 }, 500)[2]).toBe(0);
  expect(frequencies({ temperature: 2, minP: 0.37 }, 500)[2]).toBeGreaterThan(0);
});

/** The same filters in probabilities, one after the other over the whole vocabulary. */
function possible(values: Float32Array, sampling: Required<Sampling>): number[] {
  const { repetitionPenalty, temperature, topK, topP, minP } = sampling;
  const order = [...values.keys()];
  const scores = [...values].map((x) =>
    Math.fround(x < 0 ? x * repetitionPenalty : x / repetitionPenalty),
  );
  const share = (among: readonly number[], token: number): number => {
    const sum = among.reduce((s, i) => s + Math.exp((scores[i] ?? 0) / temperature), 0);
    return Math.exp((scores[token] ?? 0) / temperature) / sum;
  };
  order.sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b);
  const first = order.slice(0, topK);
  const mass = (until: number): number =>
    first.slice(0, until).reduce((sum, token) => sum + share(first, token), 0);
  const second = first.filter((_, i) => i === 0 || mass(i) < topP);
  const best = share(second, second[0] ?? 0);
  return second.filter((token) => share(second, token) >= minP * best);
}

test('penalty, temperature, top-k, top-p and min-p work in this order', () => {
  const fraction = fc.double({ min: 0.05, max: 0.95, noNaN: true });
  const sampling = fc.record({
    repetitionPenalty: fc.double({ min: 0.5, max: 2, noNaN: true }),
    temperature: fc.double({ min: 0.3, max: 3, noNaN: true }),
    topK: fc.integer({ min: 1, max: 6 }),
    topP: fraction,
    minP: fraction,
  });
  const some = fc.float32Array({ min: -4, max: 4, noNaN: true, minLength: 6, maxLength: 6 });
  fc.assert(
    fc.property(some, sampling, (values, options) => {
      const random = randomStream('order');
      const all = [...values.keys()];
      const drawn = Array.from({ length: 30 }, () => chooseToken(values, options, random, all));
      expect(possible(values, options)).toEqual(expect.arrayContaining(drawn));
    }),
  );
});

test('a penalty divides the logits of what was there and multiplies negative ones, once each', () => {
  const random = randomStream('penalty');
  const values = Float32Array.of(3, 2.5, -1);
  const greedy = (repetitionPenalty: number, before: readonly number[]): number =>
    chooseToken(values, { temperature: 0, repetitionPenalty }, random, before);
  expect(greedy(1.1, [0, 0, 0, 0])).toBe(0);
  expect(greedy(1.3, [0])).toBe(1);
  expect(greedy(0.9, [1])).toBe(0);
  expect(greedy(0.8, [1])).toBe(1);
  // −1 · 1.2 < −1.1, whereas divided it would be more.
  const low = Float32Array.of(-1, -1.1);
  expect(chooseToken(low, { temperature: 0, repetitionPenalty: 1.2 }, random, [0])).toBe(1);
  expect([...values]).toEqual([3, 2.5, -1]);
});
