import type { TokenGuess } from '../contract/index.js';
import type { Random } from '../tensor/index.js';
import { at } from '../text/index.js';
import { type Convergence, convergenceOf, type TruthResidual } from './convergence.js';
import { estimateRate, estimateTokens } from './estimate.js';
import { type Matched, matchTokens } from './match.js';
import type { TokenCounts } from './priors.js';
import { byRow, pooled, quotient, type RowRatio } from './ratio.js';
import {
  controlBaseline,
  priorBaselines,
  type TokenBaseline,
  type TokenControl,
} from './token-baselines.js';
import {
  metricRow,
  type TokenMetric,
  type TokenMetricName,
  tokenMetrics,
} from './token-metrics.js';
import { type Measured, scoredPositions, type Truth } from './truth.js';

/** What it takes to score recovered tokens. */
export interface TokenScoring {
  readonly attack: string;
  readonly truth: Truth;
  readonly guess: { readonly tokens: readonly TokenGuess[] };
  /** For intervals and drawn priors; each use has a stream of its own. */
  readonly random: Random;
  /** Public text of the same kind: the priors. */
  readonly publicTokens?: TokenCounts;
  readonly controls?: readonly TokenControl[];
  /** D(truth), for attacks that give residuals. */
  readonly truthResiduals?: readonly TruthResidual[];
}

/** Belongs to figures that only the original's may stand beside. */
export const referenceNote = 'as the reference counts';

/**
 * Token metrics with their intervals, each followed by its baselines (`of`): `positional-accuracy`, `bag-precision`,
 * `bag-recall`, `bag-f1`, `exact-match`; in a table of their own `reference-precision` and `reference-recall`; and
 * about the measurement `unknown-rate`, `missing-rate`, `not-converged`, `smallest-margin`. A row without a guess is
 * wrong everywhere.
 * Throws Findings for guesses that don't fit, see `matchTokens`.
 */
export function scoreTokens(scoring: TokenScoring): Measured[] {
  const { attack, truth, guess, random } = scoring;
  const matched = matchTokens(truth, { attack, guesses: guess.tokens });
  const rows = matched.map(({ row, guess }) => metricRow(truth, row, guess?.tokens));
  const convergence = convergenceOf(matched, scoring.truthResiduals ?? []);
  const own: TokenBaseline = { name: '', ratio: (metric, i) => metric.of(at(rows, i)) };
  const baselines = [
    ...(scoring.publicTokens
      ? priorBaselines(truth, scoring.publicTokens, random.stream('prior'))
      : []),
    ...(scoring.controls ?? []).map((control) => controlBaseline(truth, control)),
  ];
  const figures = tokenMetrics.flatMap((metric) => [
    { ...withText(measure(scoring, metric, own), convergence?.text ?? ''), name: metric.name },
    ...baselines.map((baseline) => ({ ...measure(scoring, metric, baseline), of: metric.name })),
  ]);
  return [...figures, ...aboutMeasurement(truth, matched, convergence)];
}

/**
 * One token metric by row of the dataset, for paired intervals (`bootstrapDifference` over rows of the same `rowId`).
 */
export function tokenRatios(
  { attack, truth, guess }: Pick<TokenScoring, 'attack' | 'truth' | 'guess'>,
  name: TokenMetricName,
): readonly RowRatio[] {
  const metric = tokenMetrics.find((candidate) => candidate.name === name);
  if (!metric) return [];
  const matched = matchTokens(truth, { attack, guesses: guess.tokens });
  return byRow(
    matched.map(({ row, guess }) => ({
      rowId: row.rowId,
      ...metric.of(metricRow(truth, row, guess?.tokens)),
    })),
  );
}

function measure(scoring: TokenScoring, metric: TokenMetric, source: TokenBaseline): Measured {
  const ratios = scoring.truth.rows.map(({ rowId }, i) => ({ rowId, ...source.ratio(metric, i) }));
  const random = scoring.random.stream(`${metric.name}/${source.name}`);
  const estimate = metric.over === 'samples' ? estimateRate : estimateTokens;
  const { text, ...figure } = estimate(ratios, { random });
  const counted = pooled(ratios).denominator;
  const measured: Measured = {
    name: source.name,
    goal: 'tokens',
    ...figure,
    ...(metric.over === 'tokens'
      ? { tokens: metric.name === 'bag-f1' ? counted / 2 : counted }
      : {}),
    unit: 'fraction',
  };
  return withText(withText(measured, metric.over === 'reference' ? referenceNote : ''), text);
}

function withText(measured: Measured, text: string): Measured {
  const parts = [measured.text ?? '', text].filter((part) => part !== '');
  return parts.length === 0 ? measured : { ...measured, text: parts.join('; ') };
}

function aboutMeasurement(
  truth: Truth,
  matched: readonly Matched<TokenGuess>[],
  convergence: Convergence | undefined,
): Measured[] {
  const user = truth.rows.map((row) => row.userMask.filter((isUser, i) => isUser && row.mask[i]));
  const scored = truth.rows.map((row) => scoredPositions(row, truth.unknown).filter(Boolean));
  const total = user.flat().length;
  const known = scored.flat().length;
  const margins = matched.flatMap(({ guess }) => guess?.margin ?? []);
  const missing = matched.filter(({ guess }) => guess === undefined).length;
  const rows = matched.length;
  const share = { numerator: total - known, denominator: total };
  return [
    plain('unknown-rate', quotient(share), { n: rows, tokens: total, unit: 'fraction' }),
    plain('missing-rate', rows === 0 ? null : missing / rows, { n: rows, unit: 'fraction' }),
    ...(convergence
      ? [
          plain('not-converged', convergence.failed / convergence.rows, {
            n: convergence.rows,
            unit: 'fraction',
          }),
        ]
      : []),
    ...(margins.length > 0
      ? [plain('smallest-margin', Math.min(...margins), { n: margins.length, unit: 'distance' })]
      : []),
  ];
}

function plain(
  name: string,
  value: number | null,
  facts: Pick<Measured, 'n' | 'unit'> & Pick<Partial<Measured>, 'tokens'>,
): Measured {
  return { name, goal: 'tokens', value, low: null, high: null, ...facts };
}
