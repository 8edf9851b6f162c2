import { present } from '@vflair/core/text';

/**
 * P(|T| ≤ t) of Student's t with ν degrees of freedom, ν a whole number ≥ 1, t ≥ 0: a finite sum in θ = atan(t/√ν).
 * Source: Abramowitz & Stegun, Handbook of Mathematical Functions, 26.7.3 and 26.7.4.
 */
export function studentCentral(t: number, nu: number): number {
  const theta = Math.atan(t / Math.sqrt(nu));
  const odd = nu % 2 === 1;
  const cos = Math.cos(theta);
  let term = odd ? cos : 1;
  let sum = nu === 1 ? 0 : term;
  // odd ν: cosθ + ⅔cos³θ + …; even ν: 1 + ½cos²θ + …; both end at cos^(ν−2)θ
  for (let k = odd ? 3 : 2; k <= nu - 2; k += 2) {
    term *= ((k - 1) / k) * cos * cos;
    sum += term;
  }
  const tail = Math.sin(theta) * sum;
  return odd ? (2 / Math.PI) * (theta + tail) : tail;
}

/** The t with P(|T| ≤ t) = 0.95, by bisection; ν ≥ 1 (12.7 at ν = 1, 1.96 as ν grows). */
export function studentBound(nu: number): number {
  let low = 0;
  let high = 16;
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (studentCentral(middle, nu) < 0.95) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Mean of several seeds and its 95 % t interval; one value has no interval. Throws VF901 without values. */
export function meanOverSeeds(values: readonly number[]): {
  readonly mean: number;
  readonly low: number | null;
  readonly high: number | null;
} {
  const count = values.length;
  const mean =
    present(values.length > 0 ? values : undefined, 'seeds').reduce((a, b) => a + b, 0) / count;
  if (count === 1) return { mean, low: null, high: null };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1);
  const half = studentBound(count - 1) * Math.sqrt(variance / count);
  return { mean, low: mean - half, high: mean + half };
}
