import { expect, test } from 'vitest';
import { randomStream } from '../tensor/index.js';
import { agree, referenceCases } from '../testing/index.js';
import { laplaceScale } from './laplace.js';
import { sampleGamma, sampleLaplace, sampleMetricNoise } from './samplers.js';

interface LaplaceInputs {
  readonly epsilon: number;
  readonly l1Sensitivity?: number;
  readonly clipL1?: number;
}
interface LaplaceExpected {
  readonly scale: number;
  readonly quantile?: Readonly<Record<string, number>>;
}
interface NoiseExpected {
  readonly radiusSecondMoment: number;
  readonly radiusQuantile: Readonly<Record<string, number>>;
}

const laplace = referenceCases<LaplaceInputs, LaplaceExpected>('laplace');
const noise = referenceCases<{ dimension: number; eta: number }, NoiseExpected>('dchi-noise');

const draws = 20_000;

// Share of samples below each quantile, against its level: a Kolmogorov–Smirnov distance at those points.
// 1.95/√n is exceeded by chance once in a thousand; the seeds are fixed.
function distance(samples: readonly number[], quantiles: Readonly<Record<string, number>>): number {
  const gaps = Object.entries(quantiles).map(([level, quantile]) => {
    const share = samples.filter((x) => x <= quantile).length / samples.length;
    return Math.abs(share - Number(level));
  });
  return Math.max(...gaps);
}

test.skipIf(!laplace)('the scale is sensitivity over epsilon, and noise has its quantiles', () => {
  const rng = randomStream('laplace');
  for (const { id, inputs, expected } of laplace ?? []) {
    const sensitivity = inputs.l1Sensitivity ?? 2 * (inputs.clipL1 ?? 0);
    const scale = laplaceScale(inputs.epsilon, sensitivity);
    expect(agree(scale, expected.scale, 1e-12, 0), id).toBe(true);
  }
  const [first] = laplace ?? [];
  const samples = Array.from({ length: draws }, () =>
    sampleLaplace(rng, first?.expected.scale ?? 0),
  );
  expect(distance(samples, first?.expected.quantile ?? {})).toBeLessThan(1.95 / Math.sqrt(draws));
});

test.skipIf(!noise)('the radius of metric noise is Gamma(d, eta)', () => {
  for (const { id, inputs, expected } of noise ?? []) {
    const rng = randomStream(`radius ${id}`);
    const radii = Array.from({ length: draws }, () =>
      sampleGamma(rng, inputs.dimension, inputs.eta),
    );
    expect(distance(radii, expected.radiusQuantile), id).toBeLessThan(1.95 / Math.sqrt(draws));
  }
});

test.skipIf(!noise)('metric noise has the length of its radius and no preferred direction', () => {
  const { inputs, expected } = (noise ?? []).find(({ inputs }) => inputs.dimension === 64) ?? {};
  const rng = randomStream('metric noise');
  const count = 2000;
  let squares = 0;
  let first = 0;
  for (let i = 0; i < count; i++) {
    const z = sampleMetricNoise(rng, inputs?.dimension ?? 0, inputs?.eta ?? 1);
    squares += z.reduce((sum, x) => sum + x * x, 0);
    first += z[0] ?? 0;
  }
  expect(squares / count / (expected?.radiusSecondMoment ?? 0)).toBeCloseTo(1, 1);
  // Standard error of the mean of one coordinate is √(0.65/2000) ≈ 0.018.
  expect(Math.abs(first / count)).toBeLessThan(0.07);
});

test('samples of one name are the same and of another differ', () => {
  const take = (name: string): number => sampleLaplace(randomStream(name), 1);
  expect(take('a')).toBe(take('a'));
  expect(take('a')).not.toBe(take('b'));
});
