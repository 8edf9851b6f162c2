import { asObservation, type Ratio } from './ratio.js';
import {
  bagOverlap,
  exactMatch,
  positionalAccuracy,
  referenceOverlap,
  type TokenRow,
} from './tokens.js';
import { scoredPositions, type Truth, type TruthRow } from './truth.js';

/** A row as token metrics see it. */
export interface MetricRow extends TokenRow {
  readonly padding: number | null;
}

/** A figure about recovered tokens, by row. */
export interface TokenMetric {
  readonly name: TokenMetricName;
  /** `tokens`: ratio of sums over tokens; `samples`: one yes or no per row; `reference`: plain mean over rows. */
  readonly over: 'tokens' | 'samples' | 'reference';
  readonly of: (row: MetricRow) => Ratio;
}

/** Names of the token metrics, as records and reports print them. */
export type TokenMetricName =
  | 'positional-accuracy'
  | 'bag-precision'
  | 'bag-recall'
  | 'bag-f1'
  | 'exact-match'
  | 'reference-precision'
  | 'reference-recall';

/** All token metrics in the order of a report. */
export const tokenMetrics: readonly TokenMetric[] = [
  { name: 'positional-accuracy', over: 'tokens', of: positionalAccuracy },
  { name: 'bag-precision', over: 'tokens', of: (row) => bagOverlap(row).precision },
  { name: 'bag-recall', over: 'tokens', of: (row) => bagOverlap(row).recall },
  { name: 'bag-f1', over: 'tokens', of: (row) => bagOverlap(row).f1 },
  { name: 'exact-match', over: 'samples', of: exactMatch },
  {
    name: 'reference-precision',
    over: 'reference',
    of: (row) => asObservation(referenceOverlap(row, row.padding).precision),
  },
  {
    name: 'reference-recall',
    over: 'reference',
    of: (row) => asObservation(referenceOverlap(row, row.padding).recall),
  },
];

/** A true row beside a guess; without one, every position is wrong. */
export function metricRow(
  truth: Pick<Truth, 'padding' | 'unknown'>,
  row: TruthRow,
  guess: readonly number[] | undefined,
): MetricRow {
  return {
    truth: row.ids,
    predicted: guess ?? row.ids.map(() => noToken),
    scored: scoredPositions(row, truth.unknown),
    padding: truth.padding,
  };
}

/** Stands where nothing was guessed: equal to no id. */
export const noToken = -1;
