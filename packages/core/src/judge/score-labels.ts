import type { LabelGuess, LabelScoreGuess } from '../contract/index.js';
import type { Random } from '../tensor/index.js';
import {
  aucIntervals,
  aucPermutation,
  leakAuc,
  orientedAuc,
  ranksWithinMessages,
  type ScoredRow,
} from './auc.js';
import { type Estimate, estimateRate } from './estimate.js';
import { type Interval, wilson } from './intervals.js';
import { bestPermutationAccuracy, shuffledPermutationAccuracy } from './labels.js';
import { majority } from './majority.js';
import { type Matched, matchLabels, matchScores } from './match.js';
import type { RowRatio } from './ratio.js';
import type { Measured, Truth } from './truth.js';

/** What it takes to score guessed classes. */
export interface LabelScoring {
  readonly attack: string;
  readonly truth: Truth;
  readonly guess: { readonly labels: readonly LabelGuess[] };
  readonly random: Random;
}

/** What it takes to score numbers that are larger for one class. */
export interface LabelScoreScoring {
  readonly attack: string;
  readonly truth: Truth;
  readonly guess: { readonly scores: readonly LabelScoreGuess[] };
  readonly random: Random;
  /** The class whose scores should be larger: the rarer one, fixed before scores are looked at. */
  readonly positive: number;
}

/**
 * `label-accuracy` with `majority` beside it, `best-permutation-accuracy` with what it is by chance, and
 * `abstention-rate`. Abstentions and missing guesses are wrong; rows without a label are left out. Throws Findings for
 * guesses that don't fit, see `matchLabels`.
 */
export function scoreLabels({ attack, truth, guess, random }: LabelScoring): Measured[] {
  const matched = labelled(matchLabels(truth, { attack, guesses: guess.labels }));
  const real = matched.map(({ label }) => label);
  const predicted = matched.map(({ guess }) => guess?.label ?? null);
  const pairs = { truth: real, predicted, classes: truth.classes };
  const largest = majority(real)?.label;
  const rate = (name: string, isCounted: (i: number) => boolean): Estimate =>
    estimateRate(ratios(matched, isCounted), { random: random.stream(name) });
  const accuracy = rate('label-accuracy', (i) => predicted[i] === real[i]);
  const constant = rate('majority', (i) => real[i] === largest);
  const best = { ...noInterval, n: accuracy.n, value: bestPermutationAccuracy(pairs) };
  const chance = shuffledPermutationAccuracy(pairs, random.stream('shuffled-labels'));
  return [
    measured('labels', 'label-accuracy', accuracy),
    { ...measured('labels', 'majority', constant), of: 'label-accuracy' },
    measured('labels', 'best-permutation-accuracy', { ...best, text: permutationNote }),
    {
      ...measured('labels', 'shuffled-labels', { ...best, value: chance }),
      of: 'best-permutation-accuracy',
    },
    measured(
      'labels',
      'abstention-rate',
      rate('abstention-rate', (i) => predicted[i] === null),
    ),
  ];
}

/**
 * `label-auc` in the direction fixed in advance, over places within each message, with `label-auc-p` from permuting
 * labels; then `leak-auc` with what it is by chance. A row without a score takes the middle place and is an abstention.
 * Throws Findings for scores that don't fit, see `matchScores`.
 */
export function scoreLabelScores(scoring: LabelScoreScoring): Measured[] {
  const { attack, truth, guess, random, positive } = scoring;
  const matched = labelled(matchScores(truth, { attack, guesses: guess.scores }));
  const rows = placed(matched, positive);
  const n = new Set(rows.map(({ rowId }) => rowId)).size;
  const { auc, leak } = aucEstimates(rows, n, random.stream('interval'));
  const chance = aucPermutation(rows, random.stream('permutation'));
  const point = (value: number | null): Estimate => ({ ...noInterval, n, value });
  const text = [`larger means class ${positive}`, auc.text].filter(Boolean).join('; ');
  const abstained = estimateRate(
    ratios(matched, (i) => matched[i]?.guess === undefined),
    { random: random.stream('abstention-rate') },
  );
  const goal = 'label-scores';
  return [
    measured(goal, 'label-auc', { ...auc, text }),
    { ...measured(goal, 'chance', point(auc.value === null ? null : 0.5)), of: 'label-auc' },
    measured(goal, 'label-auc-p', point(chance?.p ?? null), 'p'),
    measured(goal, 'leak-auc', { ...leak, text: leakNote }),
    { ...measured(goal, 'permuted-labels', point(chance?.meanLeak ?? null)), of: 'leak-auc' },
    measured(goal, 'abstention-rate', abstained),
  ];
}

const permutationNote = 'best renaming of the guessed classes: above chance by construction';
const leakNote = 'direction unknown: above one half by chance';
const noInterval = { low: null, high: null, text: '' };

interface Labelled<G> extends Matched<G> {
  readonly label: number;
}

function labelled<G>(matched: readonly Matched<G>[]): Labelled<G>[] {
  return matched.flatMap((match) =>
    match.row.label === null ? [] : [{ ...match, label: match.row.label }],
  );
}

function ratios<G>(rows: readonly Labelled<G>[], isCounted: (i: number) => boolean): RowRatio[] {
  return rows.map(({ row }, i) => ({
    rowId: row.rowId,
    numerator: isCounted(i) ? 1 : 0,
    denominator: 1,
  }));
}

function placed(matched: readonly Labelled<LabelScoreGuess>[], positive: number): ScoredRow[] {
  const scored = matched.flatMap(({ row, guess }) =>
    guess ? [{ step: row.step, score: guess.score }] : [],
  );
  const places = ranksWithinMessages(scored).values();
  return matched.map(({ row, guess, label }) => ({
    rowId: row.rowId,
    positive: label === positive,
    score: (guess ? places.next().value : undefined) ?? 0.5,
  }));
}

function aucEstimates(
  rows: readonly ScoredRow[],
  n: number,
  random: Random,
): { readonly auc: Estimate; readonly leak: Estimate } {
  const value = orientedAuc(rows);
  const intervals = aucIntervals(rows, { random });
  if (value === null || intervals === null) {
    return { auc: { ...noInterval, n, value }, leak: { ...noInterval, n, value } };
  }
  const leak = { ...noInterval, n, value: leakAuc(value), ...ends(intervals.leak) };
  if (value !== 0 && value !== 1) {
    return { auc: { ...noInterval, n, value, ...ends(intervals.auc) }, leak };
  }
  // Resampling has no width where the classes are apart: Wilson of the smaller class stands in.
  const sides = [true, false].map((side) => rows.filter(({ positive }) => positive === side));
  const smaller = Math.min(...sides.map((side) => new Set(side.map(({ rowId }) => rowId)).size));
  const text = 'interval: Wilson, of the smaller class';
  return {
    auc: { n, value, ...ends(wilson(value * smaller, smaller)), text },
    leak: { ...leak, ...ends(wilson(smaller, smaller)), text },
  };
}

function ends(interval: Interval | null): Pick<Estimate, 'low' | 'high'> {
  return { low: interval?.low ?? null, high: interval?.high ?? null };
}

function measured(
  goal: Measured['goal'],
  name: string,
  { text = '', ...figure }: Omit<Estimate, 'text'> & { readonly text?: string },
  unit = 'fraction',
): Measured {
  return { name, goal, ...figure, unit, ...(text === '' ? {} : { text }) };
}
