import { Bug } from '../text/index.js';

const logSquareRootOfTwoPi = 0.5 * Math.log(2 * Math.PI);
/** Below this the power series is used, above it the continued fraction; both are exact to rounding there. */
const seriesLimit = 1.5;
const seriesTerms = 40;
const fractionTerms = 200;

/** Density φ(x) of the standard normal. */
export function normalDensity(x: number): number {
  return Math.exp(-0.5 * x * x - logSquareRootOfTwoPi);
}

// Φ(x) = ½ + φ(x)·(x + x³/3 + x⁵/(3·5) + …): all terms have the sign of x, so nothing cancels.
function centralSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; n < seriesTerms; n++) {
    term *= (x * x) / (2 * n + 1);
    sum += term;
  }
  return sum;
}

/**
 * Mills ratio (1 − Φ(x)) / φ(x) for x ≥ 0: the normal tail without its exponential, so that it neither underflows nor
 * cancels. Continued fraction of Laplace: 1/(x + 1/(x + 2/(x + 3/(x + …)))).
 */
export function millsRatio(x: number): number {
  if (x < 0) throw new Bug('VF970', `the Mills ratio is only used for x ≥ 0, not ${x}`);
  if (x < seriesLimit) return 0.5 / normalDensity(x) - centralSeries(x);
  let denominator = x;
  for (let k = fractionTerms; k >= 1; k--) denominator = x + k / denominator;
  return 1 / denominator;
}

/** Φ(x) of the standard normal, with a small relative error also far in the left tail. */
export function normalCdf(x: number): number {
  if (Math.abs(x) < seriesLimit) return 0.5 + normalDensity(x) * centralSeries(x);
  const tail = normalDensity(x) * millsRatio(Math.abs(x));
  return x < 0 ? tail : 1 - tail;
}

/** ln Φ(x); finite wherever x is, also where Φ(x) is 0 in floating point. */
export function logNormalCdf(x: number): number {
  if (x > -seriesLimit) return Math.log1p(-normalCdf(-x));
  return -0.5 * x * x - logSquareRootOfTwoPi + Math.log(millsRatio(-x));
}

/**
 * The x with Φ(x) = p; −∞ at 0 and ∞ at 1. Newton on ln Φ, which is concave: from the left of the root, where
 * Φ(−√(−2 ln p)) ≤ p puts the start, every step stays on the left, so it always converges.
 */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) throw new Bug('VF970', `${p} is no probability`);
  if (p > 0.5) return -normalQuantile(1 - p);
  if (p === 0) return Number.NEGATIVE_INFINITY;
  const target = Math.log(p);
  let x = -Math.sqrt(-2 * target);
  for (let step = 0; step < 60; step++) {
    // d ln Φ(x) / dx = φ(x)/Φ(x) = 1 / millsRatio(−x)
    const move = (target - logNormalCdf(x)) * millsRatio(Math.max(-x, 0));
    x = Math.min(x + move, 0);
    if (Math.abs(move) <= 1e-15 * Math.max(1, -x)) break;
  }
  return x;
}
