import { bootstrapRatio, type Interval, type Resampling, wilson } from './intervals.js';
import { byRow, pooled, quotient, type Ratio, type RowRatio } from './ratio.js';

/** A figure with its interval: null where it is undefined. */
export interface Estimate {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** Rows of the dataset that were measured. */
  readonly n: number;
  /** What must be said about the interval, or "". */
  readonly text: string;
}

const undefinedEstimate: Estimate = { value: null, low: null, high: null, n: 0, text: '' };

/** Said where every token was right or none was. */
export const boundaryNote = 'interval: Wilson, of rows recovered exactly';
/** Said where there is one row only. */
export const oneRowNote = 'one row: no interval';

/**
 * A rate over tokens: ratio of sums, bootstrap by row. Where all or nothing is right the bootstrap has no width, and
 * Wilson's interval of the share of rows that are all right is given instead.
 */
export function estimateTokens(ratios: readonly RowRatio[], resampling: Resampling): Estimate {
  const rows = byRow(ratios);
  const value = quotient(pooled(rows));
  if (value === null) return undefinedEstimate;
  if (value === 0 || value === 1) return estimated(value, rows, wholeRows(rows), boundaryNote);
  if (rows.length === 1) return estimated(value, rows, null, oneRowNote);
  return estimated(value, rows, bootstrapRatio(rows, resampling), '');
}

/**
 * A rate of yes or no per sample: Wilson where each row was seen once, otherwise (windows of training) bootstrap by
 * row, with Wilson over rows where all or nothing is right.
 */
export function estimateRate(ratios: readonly RowRatio[], resampling: Resampling): Estimate {
  const rows = byRow(ratios);
  const total = pooled(rows);
  const value = quotient(total);
  if (value === null) return undefinedEstimate;
  if (total.denominator === rows.length) {
    return estimated(value, rows, wilson(total.numerator, rows.length), '');
  }
  if (value === 0 || value === 1) return estimated(value, rows, wholeRows(rows), '');
  return estimated(value, rows, bootstrapRatio(rows, resampling), '');
}

function wholeRows(rows: readonly Ratio[]): Interval | null {
  const whole = rows.filter(({ numerator, denominator }) => numerator === denominator);
  return wilson(whole.length, rows.length);
}

function estimated(
  value: number,
  rows: readonly Ratio[],
  interval: Interval | null,
  text: string,
): Estimate {
  return { value, low: interval?.low ?? null, high: interval?.high ?? null, n: rows.length, text };
}
