import { percent, percentRange, significant } from './numbers.js';
import type { Figure, TableFigure } from './report.js';

/** Task metrics in the order in which one of them stands for "use". */
const uses = [
  'accuracy',
  'pearson',
  'squad-f1',
  'next-word-accuracy',
  'exact-number',
  'rouge-l',
  'bleu',
  'mcc',
  'f1',
  'spearman',
  'squad-em',
  'rouge-1',
  'rouge-2',
  'perplexity',
  'mse',
];

const smallerIsBetter = new Set(['perplexity', 'mse', 'bits-per-byte']);

/** Metrics that are not shares of anything. */
const notShares = new Set([
  ...smallerIsBetter,
  'mcc',
  'pearson',
  'spearman',
  'label-auc',
  'leak-auc',
]);

const scores = new Set(['dcs', 't-dcs', 'c-dcs', 'adjusted-dcs']);

/** The name of a metric without its split. */
export const bareMetric = (metric: string): string => metric.slice(metric.lastIndexOf('/') + 1);

/** The split of a metric's key: `train/accuracy` → `train`, `accuracy` → `test`. */
export const splitOf = (metric: string): string =>
  metric.includes('/') ? metric.slice(0, metric.indexOf('/')) : 'test';

/** Whether a smaller value is the better one. */
export const isSmallerBetter = (metric: string): boolean => smallerIsBetter.has(bareMetric(metric));

/** Whether the original's counting is reproduced: such figures have a table of their own. */
export const isReferenceCount = (metric: string): boolean =>
  bareMetric(metric).startsWith('reference-');

/** Whether the figure is a defense capability score. */
export const isScore = (metric: string): boolean => scores.has(bareMetric(metric));

/** Whether the figure is about labels. */
export const isAboutLabels = (metric: string): boolean =>
  ['label-accuracy', 'label-auc', 'leak-auc'].includes(bareMetric(metric));

/** The metric that stands for use among those measured, if one does. */
export const useMetric = (metrics: readonly string[]): string | undefined =>
  uses.find((name) => metrics.includes(name)) ??
  uses.map((name) => `generate/${name}`).find((name) => metrics.includes(name));

/** A value in the metric's own form: shares in percent, the rest in three digits. */
export const metricValue = (metric: string, value: number): string =>
  notShares.has(bareMetric(metric)) || isScore(metric) ? significant(value) : percent(value);

/** Both ends in the metric's own form. */
export const metricRange = (metric: string, low: number, high: number): string =>
  notShares.has(bareMetric(metric)) || isScore(metric)
    ? `${significant(low)} to ${significant(high)}`
    : percentRange(low, high);

/** Readers of one token figure need no message for these: the best of them is what guessing gets. */
const guesses = ['prior', 'unigram', 'most-frequent', 'majority', 'chance'];

/** The best baseline that looks at no message, with its name; AUC has chance 0.5 even where none was recorded. */
export function guessOf(
  metric: string,
  figure: Pick<Figure, 'baselines'>,
): { readonly name: string; readonly value: number } | undefined {
  const known = guesses.flatMap((name) => {
    const value = figure.baselines[name];
    return value === undefined ? [] : [{ name, value }];
  });
  const [best] = known.sort((a, b) =>
    isSmallerBetter(metric) ? a.value - b.value : b.value - a.value,
  );
  if (best !== undefined) return best;
  return bareMetric(metric) === 'label-auc' ? { name: 'chance', value: 0.5 } : undefined;
}

/** A figure as a row of the table carries it, or undefined where it has no value. */
export function tableFigure(metric: string, figure: Figure): TableFigure | undefined {
  if (figure.value === null) return undefined;
  const guess = guessOf(metric, figure);
  return {
    metric,
    value: figure.value,
    low: figure.low,
    high: figure.high,
    n: figure.n,
    ...(figure.tokens === undefined ? {} : { tokens: figure.tokens }),
    interval: figure.interval,
    guess: guess?.value ?? null,
    guessName: guess?.name ?? '',
  };
}
