import { bareMetric, guessOf, metricRange, metricValue, splitOf } from '../metrics.js';
import { counted, percent } from '../numbers.js';
import type { Reading } from '../readings.js';
import type { Figure } from '../report.js';
import type { Setting } from '../settings.js';

/** What a metric is called inside a sentence. */
export const metricWords = (metric: string): string =>
  bareMetric(metric)
    .replaceAll('-', ' ')
    .replace(/\b(auc|mcc|mse|bleu|rouge|dcs|em|f1)\b/g, (word) => word.toUpperCase());

/** The first letter as a capital. */
export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const rowNames: { readonly [split: string]: string } = {
  train: 'training row',
  generate: 'generated row',
};

/** `90.1 to 95.4 %`, or "" where nothing is known. */
export const rangeWords = (metric: string, { low, high }: Figure): string =>
  low === null || high === null ? '' : metricRange(metric, low, high);

/** `200 rows`, `3 seeds of 200 rows`, or "" where nothing was counted. */
export function rowsWords(metric: string, { n, seeds }: Figure): string {
  const rows = n === null ? '' : counted(n, rowNames[splitOf(metric)] ?? 'row');
  if (seeds < 2) return rows;
  return rows === '' ? counted(seeds, 'seed') : `${counted(seeds, 'seed')} of ${rows}`;
}

/** What guessing gets, or that nobody measured it. */
export function guessWords(metric: string, figure: Figure): string {
  const guess = guessOf(metric, figure);
  if (guess === undefined) return 'guessing was not measured';
  if (guess.name === 'majority') {
    return `always naming the larger class gets ${percent(guess.value)}`;
  }
  const value = metricValue(metric, guess.value);
  return bareMetric(metric) === 'label-auc' ? `chance is ${value}` : `guessing gets ${value}`;
}

/** `**93.2 %** of the tokens`, with `at least` in front where the optimiser failed on some rows. */
export const amount = ({ figure, value }: Reading, of: string): string =>
  `${figure.atLeast ? 'at least ' : ''}**${percent(value)}** of ${of}`;

/** `**93.2 %**`, where the sentence has said of what. */
export const bareAmount = ({ figure, value }: Reading): string =>
  `${figure.atLeast ? 'at least ' : ''}**${percent(value)}**`;

/** Interval, rows, attack and guessing in brackets: what a figure may not be printed without. */
export function evidence({ attack, metric, figure }: Reading): string {
  const parts = [
    rangeWords(metric, figure),
    rowsWords(metric, figure),
    `by \`${attack.join(' |> ')}\``,
  ];
  const known = parts.filter((part) => part !== '').join(', ');
  return `(${known}; ${guessWords(metric, figure)})`;
}

/** Where the optimiser failed, on how many rows, and what follows; "" where it did not. */
export function convergence({ figure }: Pick<Reading, 'figure'>): string {
  if (!figure.atLeast) return '';
  const share = figure.residualWorse;
  return share === undefined
    ? 'the attack did not converge, so it may be more'
    : `the attack did not converge on ${percent(share)} of the rows, so it may be more`;
}

const isNoBetter = ({ figure, value }: NonNullable<Setting['use']>): boolean => {
  const majority = figure.baselines.majority;
  return majority !== undefined && (figure.low ?? value) <= majority;
};

/** `accuracy is 97.8 %`, with the larger class beside it where the figure is no better. */
export function useWords(use: NonNullable<Setting['use']>): string {
  const figure = `${metricWords(use.metric)} is **${metricValue(use.metric, use.value)}**`;
  return isNoBetter(use) ? `${figure}, no better than always naming the larger class` : figure;
}

/** `accuracy **97.8 %**`, with the larger class beside it where the figure is no better. */
export function atWords(use: NonNullable<Setting['use']>): string {
  const figure = `${metricWords(use.metric)} **${metricValue(use.metric, use.value)}**`;
  return isNoBetter(use) ? `${figure}, no better than always naming the larger class` : figure;
}

/** `` `dp` `` or `` `dp` at dp.epsilon 8 ``: a setting's name inside a sentence. */
export function settingWords({ pipeline, sweep }: Pick<Setting, 'pipeline' | 'sweep'>): string {
  const fields = Object.entries(sweep).map(([field, value]) => `${field} ${value}`);
  return fields.length === 0 ? `\`${pipeline}\`` : `\`${pipeline}\` at ${fields.join(', ')}`;
}

/** Who reads: the party of the pipeline's adversary. */
export const reader = ({ plan }: Pick<Setting, 'plan'>): string => {
  const at = plan?.adversaries[0]?.at;
  return at === undefined ? 'the adversary' : `\`${at}\``;
};
