import type { TokenGuess } from '../contract/index.js';
import type { Random } from '../tensor/index.js';
import { matchTokens } from './match.js';
import { mostFrequent, type TokenCounts, unigramExpectation, unigramSampler } from './priors.js';
import type { Ratio } from './ratio.js';
import { metricRow, noToken, type TokenMetric } from './token-metrics.js';
import type { Truth, TruthRow } from './truth.js';

/** Guesses of the same rows by other means (`nearest-embedding`, `wrong-head`, …), named as the report names them. */
export interface TokenControl {
  readonly name: string;
  readonly tokens: readonly TokenGuess[];
}

/** Something whose figure stands beside an attack's: its ratio for the truth's row of that index. */
export interface TokenBaseline {
  readonly name: string;
  readonly ratio: (metric: TokenMetric, index: number) => Ratio;
}

/** A control's guesses as a baseline; they must fit the messages as an attack's do. */
export function controlBaseline(truth: Truth, { name, tokens }: TokenControl): TokenBaseline {
  const matched = matchTokens(truth, { attack: name, guesses: tokens });
  const rows = matched.map(({ row, guess }) => metricRow(truth, row, guess?.tokens));
  return { name, ratio: (metric, index) => ratioAt(metric, rows[index]) };
}

/**
 * What public token frequencies alone give at the same lengths. `prior`: the most frequent user token everywhere, and
 * where the reference counts (order-free) as many different most frequent ids as there are positions. `unigram`:
 * tokens drawn from the frequencies; positional accuracy as its expectation, other metrics from one seeded draw.
 */
export function priorBaselines(truth: Truth, counts: TokenCounts, random: Random): TokenBaseline[] {
  const [top = noToken] = mostFrequent(counts.user, 1);
  const longest = Math.max(0, ...truth.rows.map(({ ids }) => ids.length));
  const common = mostFrequent(counts.all, longest);
  const constant = truth.rows.map((row) =>
    metricRow(
      truth,
      row,
      row.ids.map(() => top),
    ),
  );
  const frequent = truth.rows.map((row) =>
    metricRow(
      truth,
      row,
      row.ids.map((_, i) => common[i] ?? noToken),
    ),
  );
  const drawn = drawRows(truth, counts.user, random.stream('user'));
  const drawnAll = drawRows(truth, counts.all, random.stream('all'));
  const prior: TokenBaseline['ratio'] = (metric, index) =>
    ratioAt(metric, (metric.over === 'reference' ? frequent : constant)[index]);
  const unigram: TokenBaseline['ratio'] = (metric, index) => {
    const row = constant[index];
    if (metric.name === 'positional-accuracy' && row) return unigramExpectation(counts.user, row);
    return ratioAt(metric, (metric.over === 'reference' ? drawnAll : drawn)[index]);
  };
  return [
    { name: 'prior', ratio: prior },
    { name: 'unigram', ratio: unigram },
  ];
}

function drawRows(truth: Truth, counts: ReadonlyMap<number, number>, random: Random): MetricRows {
  return truth.rows.map((row: TruthRow, i) => {
    const sample = unigramSampler(counts, random.stream(i));
    const drawn = sample(row.ids.length);
    return metricRow(
      truth,
      row,
      row.ids.map((_, k) => drawn[k] ?? noToken),
    );
  });
}

type MetricRows = readonly ReturnType<typeof metricRow>[];

function ratioAt(metric: TokenMetric, row: MetricRows[number] | undefined): Ratio {
  return row ? metric.of(row) : { numerator: 0, denominator: 0 };
}
