import fc from 'fast-check';
import { expect, test } from 'vitest';
import { randomStream } from '../tensor/index.js';
import { audit, auditBound } from './audit.js';
import { binomialTail, clopperPearson, rateAtLeast, rateAtMost } from './binomial.js';
import { gaussianSigma } from './gaussian.js';

test('bounds at no and at all successes have their closed forms', () => {
  for (const trials of [1, 10, 5000]) {
    expect(rateAtMost({ successes: 0, trials }, 0.05)).toBeCloseTo(1 - 0.05 ** (1 / trials), 12);
    expect(rateAtLeast({ successes: trials, trials }, 1e-4)).toBeCloseTo(1e-4 ** (1 / trials), 12);
  }
  expect(rateAtLeast({ successes: 0, trials: 10 }, 0.05)).toBe(0);
});

test('the tail of a binomial is a sum of its terms', () => {
  // P(X ≥ 2) of 3 fair throws is 4/8; of p = ¼: 3·(1/16)(3/4) + 1/64 = 10/64.
  expect(binomialTail({ successes: 2, trials: 3 }, 0.5)).toBeCloseTo(0.5, 14);
  expect(binomialTail({ successes: 2, trials: 3 }, 0.25)).toBeCloseTo(10 / 64, 14);
  expect(binomialTail({ successes: 1, trials: 1000 }, 1e-12) / 1e-9).toBeCloseTo(1, 8);
});

test('a bound is where the tail equals the error', () => {
  const counts = fc
    .integer({ min: 1, max: 400 })
    .chain((trials) =>
      fc.record({ trials: fc.constant(trials), successes: fc.integer({ min: 1, max: trials }) }),
    );
  fc.assert(
    fc.property(counts, (count) => {
      expect(binomialTail(count, rateAtLeast(count, 1e-3))).toBeCloseTo(1e-3, 8);
      const { low, high } = clopperPearson(count);
      expect(low).toBeLessThan(count.successes / count.trials);
      expect(high).toBeGreaterThanOrEqual(count.successes / count.trials);
    }),
    { seed: 3, numRuns: 60 },
  );
});

test('the statistic is the logarithm of the bounded ratio', () => {
  const hits = { successes: 900, trials: 1000 };
  const alarms = { successes: 20, trials: 1000 };
  const { epsilonLow } = auditBound({ hits, alarms, delta: 0.01, error: 0.002 });
  const expected = Math.log((rateAtLeast(hits, 1e-3) - 0.01) / rateAtMost(alarms, 1e-3));
  expect(epsilonLow).toBe(expected);
  expect(auditBound({ hits: alarms, alarms: hits, delta: 0, error: 0.002 }).epsilonLow).toBe(0);
});

// Projections of the released vector on the line between two worst-case inputs at distance Δ = 1.
function releases(sigma: number, seed: number): Parameters<typeof audit>[0] {
  const rng = randomStream(`audit ${seed}`);
  const draw = (mean: number): number[] =>
    Array.from({ length: 8000 }, () => mean + sigma * rng.normal());
  return { first: draw(1), second: draw(0), delta: 1e-5, error: 1e-4 };
}

test('an honest mechanism passes and one with half the noise is caught on every seed', () => {
  const sigma = gaussianSigma(1, 1e-5, 1);
  for (let seed = 0; seed < 3; seed++) {
    expect(audit(releases(sigma, seed)).epsilonLow).toBeLessThanOrEqual(1);
    expect(audit(releases(sigma, seed), 'muLow').muLow).toBeLessThanOrEqual(1 / sigma);
    expect(audit(releases(sigma / 2, seed), 'muLow').muLow).toBeGreaterThan(1 / sigma);
    expect(audit(releases(0, seed)).epsilonLow).toBeGreaterThan(1);
  }
});

test('either direction of the statistic is found', () => {
  const { first, second, ...rest } = releases(0.2, 9);
  const forward = audit({ first, second, ...rest });
  const backward = audit({ first: second, second: first, ...rest });
  expect([forward.direction, backward.direction]).toEqual([1, -1]);
  expect(backward.epsilonLow).toBeGreaterThan(3);
});
