import { expect, test } from 'vitest';
import { referenceCases } from '../testing/index.js';
import { logNormalCdf, millsRatio, normalCdf, normalDensity, normalQuantile } from './normal.js';

const intervals = referenceCases<{ kind: string; confidence: number }, { z: number }>('intervals');

test('the cdf has the values of the tables', () => {
  expect(normalCdf(0)).toBe(0.5);
  expect(normalCdf(1)).toBeCloseTo(0.8413447460685429, 14);
  expect(normalCdf(-1.96)).toBeCloseTo(0.024997895148220435, 14);
  // Φ(−10) and Φ(−37) as erfc(x/√2)/2 of another mathematics library gives them: the far tail is relatively exact.
  expect(normalCdf(-10) / 7.619853024160593e-24).toBeCloseTo(1, 11);
  expect(normalCdf(-37) / 5.725571222525139e-300).toBeCloseTo(1, 11);
});

test('series and continued fraction meet without a step', () => {
  for (const x of [1.4, 1.499999, 1.5, 1.6]) {
    // d m/dx = x·m − 1, so a second-order step across the seam must agree.
    const step = 1e-4;
    const middle = x + step / 2;
    const slope = middle * millsRatio(middle) - 1;
    expect(millsRatio(x + step) - millsRatio(x)).toBeCloseTo(step * slope, 12);
  }
});

test('the logarithm of the cdf stays finite where the cdf is 0', () => {
  expect(normalCdf(-60)).toBe(0);
  expect(logNormalCdf(-60)).toBeCloseTo(Math.log(millsRatio(60)) - 1800 - 0.9189385332046727, 9);
  expect(logNormalCdf(-3)).toBeCloseTo(Math.log(normalCdf(-3)), 12);
  expect(logNormalCdf(9)).toBeCloseTo(-normalCdf(-9), 30);
});

test('the quantile inverts the cdf on both sides', () => {
  for (const x of [-30, -8, -2.5, -0.3, 0, 0.7, 2, 5]) {
    expect(normalQuantile(normalCdf(x))).toBeCloseTo(x, x > 0 ? 8 : 11);
  }
  expect(normalQuantile(0)).toBe(Number.NEGATIVE_INFINITY);
  expect(normalQuantile(1)).toBe(Number.POSITIVE_INFINITY);
  expect(normalDensity(0)).toBeCloseTo(0.3989422804014327, 15);
});

test.skipIf(!intervals)('two-sided quantiles agree with the recorded ones', () => {
  for (const { inputs, expected } of intervals ?? []) {
    if (inputs.kind !== 'wilson') continue;
    expect(normalQuantile((1 + inputs.confidence) / 2)).toBeCloseTo(expected.z, 11);
  }
});
