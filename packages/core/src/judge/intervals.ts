import { normalQuantile } from '../privacy/index.js';
import type { Random } from '../tensor/index.js';
import { at, Bug } from '../text/index.js';
import { quotient, type Ratio } from './ratio.js';

/** Both ends of an interval. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** How an interval is sampled. Resamples are by row, so rows must be independent of each other. */
export interface Resampling {
  readonly random: Random;
  /** 2000 unless said otherwise. */
  readonly resamples?: number;
  /** 0.95 unless said otherwise. */
  readonly confidence?: number;
}

/** An interval by resampling, and the standard deviation of the resampled statistic. */
export interface ResampledInterval extends Interval {
  readonly standardError: number;
}

/** Wilson's score interval of a rate, without continuity correction; null for no trials. Wilson 1927, doi:10.1080/01621459.1927.10502953. */
export function wilson(successes: number, trials: number, confidence = 0.95): Interval | null {
  if (trials === 0) return null;
  const z = normalQuantile((1 + confidence) / 2);
  const rate = successes / trials;
  const shrink = 1 + (z * z) / trials;
  const centre = (rate + (z * z) / (2 * trials)) / shrink;
  const spread = Math.sqrt((rate * (1 - rate)) / trials + (z * z) / (4 * trials * trials));
  const half = (z * spread) / shrink;
  // At 0 and at 1 centre and half cancel exactly, but for rounding.
  return {
    low: successes === 0 ? 0 : centre - half,
    high: successes === trials ? 1 : centre + half,
  };
}

/** Bootstrap of Σ numerators / Σ denominators by row: percentiles. Null without rows that have a denominator. */
export function bootstrapRatio(
  rows: readonly Ratio[],
  resampling: Resampling,
): ResampledInterval | null {
  const counted = rows.filter(({ denominator }) => denominator !== 0);
  if (counted.length === 0) return null;
  return bootstrap(counted.length, resampling, (pick) => ratioOf(counted, pick));
}

/**
 * Paired bootstrap of ratio(b) − ratio(a), where `a[i]` and `b[i]` are of one row: both are resampled by the same rows,
 * so that what makes a row hard cancels. Throws VF974 for lists of different lengths.
 */
export function bootstrapDifference(
  a: readonly Ratio[],
  b: readonly Ratio[],
  resampling: Resampling,
): ResampledInterval | null {
  if (a.length !== b.length) throw new Bug('VF974', `${a.length} rows are paired with ${b.length}`);
  const counted = a.flatMap((_, i) =>
    at(a, i).denominator !== 0 && at(b, i).denominator !== 0 ? [i] : [],
  );
  if (counted.length === 0) return null;
  const before = counted.map((i) => at(a, i));
  const after = counted.map((i) => at(b, i));
  return bootstrap(
    counted.length,
    resampling,
    (pick) => ratioOf(after, pick) - ratioOf(before, pick),
  );
}

/** Percentile bootstrap of any statistic of `count` rows, given the rows picked with replacement. */
export function bootstrap(
  count: number,
  resampling: Resampling,
  statistic: (pick: Int32Array) => number,
): ResampledInterval {
  const { random, resamples = 2000 } = resampling;
  const pick = new Int32Array(count);
  const values = new Float64Array(resamples);
  for (let r = 0; r < resamples; r++) {
    for (let i = 0; i < count; i++) pick[i] = random.integer(count);
    values[r] = statistic(pick);
  }
  return summary(values, resampling.confidence);
}

/** Percentiles and standard deviation of resampled values: the smallest value whose cumulative share reaches the level. */
export function summary(values: Float64Array, confidence = 0.95): ResampledInterval {
  const sorted = values.toSorted();
  const mean = sorted.reduce((sum, x) => sum + x, 0) / sorted.length;
  const variance = sorted.reduce((sum, x) => sum + (x - mean) ** 2, 0) / sorted.length;
  const level = (share: number): number => {
    // The tiny step keeps a level that is meant to fall on a rank from being rounded past it.
    const rank = Math.ceil(share * sorted.length - 1e-9);
    return sorted[Math.min(Math.max(rank, 1), sorted.length) - 1] ?? Number.NaN;
  };
  const outside = (1 - confidence) / 2;
  return { low: level(outside), high: level(1 - outside), standardError: Math.sqrt(variance) };
}

function ratioOf(rows: readonly Ratio[], pick: Int32Array): number {
  let numerator = 0;
  let denominator = 0;
  for (const i of pick) {
    const row = at(rows, i);
    numerator += row.numerator;
    denominator += row.denominator;
  }
  return quotient({ numerator, denominator }) ?? 0;
}
