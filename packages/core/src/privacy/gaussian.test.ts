import fc from 'fast-check';
import { expect, test } from 'vitest';
import { agree, referenceCases } from '../testing/index.js';
import { composedGaussianEpsilon } from './composition.js';
import { gaussianDelta, gaussianEpsilon, gaussianSigma } from './gaussian.js';

interface GaussianInputs {
  readonly kind: string;
  readonly epsilon: number;
  readonly delta: number;
  readonly sigma: number;
  readonly sensitivity: number;
}
interface CompositionInputs extends GaussianInputs {
  readonly releases: number;
  readonly epsilons: readonly number[];
}

const gaussian = referenceCases<GaussianInputs, { sigmaAnalytic: number; delta: number }>(
  'gaussian',
);
const composition = referenceCases<
  CompositionInputs,
  { epsilonExact: number; deltas: readonly number[] }
>('composition');

test.skipIf(!gaussian)('sigma agrees with 60-digit arithmetic to 1e-9', () => {
  const rows = (gaussian ?? []).filter(({ inputs }) => inputs.kind === 'sigma');
  expect(rows.length).toBeGreaterThan(50);
  for (const { id, inputs, expected } of rows) {
    const sigma = gaussianSigma(inputs.epsilon, inputs.delta, inputs.sensitivity);
    expect(agree(sigma, expected.sigmaAnalytic, 1e-9, 0), `${id}: ${sigma}`).toBe(true);
  }
});

test.skipIf(!gaussian)('delta agrees with 60-digit arithmetic to 1e-6, however small', () => {
  const rows = (gaussian ?? []).filter(({ inputs }) => inputs.kind === 'delta');
  expect(rows.length).toBeGreaterThan(5);
  for (const { id, inputs, expected } of rows) {
    const delta = gaussianDelta(inputs.epsilon, inputs);
    expect(agree(delta, expected.delta, 1e-6, 0), `${id}: ${delta}`).toBe(true);
  }
});

test.skipIf(!composition)('T releases compose to the exact epsilon and delta', () => {
  for (const { id, inputs, expected } of composition ?? []) {
    if (inputs.kind === 'gaussian') {
      const epsilon = composedGaussianEpsilon(inputs.delta, inputs, inputs.releases);
      expect(agree(epsilon, expected.epsilonExact, 1e-8, 0), `${id}: ${epsilon}`).toBe(true);
    } else if (inputs.kind === 'gaussian-delta') {
      const sensitivity = inputs.sensitivity * Math.sqrt(inputs.releases);
      inputs.epsilons.forEach((epsilon, i) => {
        const delta = gaussianDelta(epsilon, { sigma: inputs.sigma, sensitivity });
        expect(agree(delta, expected.deltas[i] ?? null, 1e-6, 0), `${id} at ${epsilon}`).toBe(true);
      });
    }
  }
});

test('delta at epsilon 0 is the total variation distance 2Φ(μ/2) − 1', () => {
  expect(gaussianDelta(0, { sensitivity: 2, sigma: 1 })).toBeCloseTo(0.6826894921370859, 12);
});

test('sigma, delta and epsilon are inverse to each other', () => {
  const budgets = fc.tuple(fc.double({ min: 0.01, max: 200 }), fc.integer({ min: -12, max: -2 }));
  fc.assert(
    fc.property(budgets, ([epsilon, exponent]) => {
      if (!(epsilon >= 0.01)) return;
      const delta = 10 ** exponent;
      const release = { sensitivity: 3, sigma: gaussianSigma(epsilon, delta, 3) };
      expect(gaussianDelta(epsilon, release)).toBeLessThanOrEqual(delta * (1 + 1e-12));
      expect(gaussianEpsilon(delta, release) / epsilon).toBeCloseTo(1, 8);
    }),
    { numRuns: 40, seed: 7 },
  );
});

test('impossible numbers are a defect, not a result', () => {
  expect(() => gaussianSigma(1, 0, 1)).toThrow('VF972');
  expect(() => gaussianSigma(Number.NaN, 1e-5, 1)).toThrow('VF972');
  expect(() => gaussianDelta(1, { sensitivity: 1, sigma: 0 })).toThrow('VF972');
});
