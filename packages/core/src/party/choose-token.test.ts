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
