import type {
  Goal,
  GuessOf,
  LabelGuess,
  LabelScoreGuess,
  RowKey,
  TokenGuess,
} from '../contract/index.js';
import { midRanks, orientedAuc, repairing } from '../judge/index.js';
import { randomStream } from '../tensor/index.js';
import { at } from '../text/index.js';

/** One row's right answer, by goal. `tokens` holds those of the positions that are not padding. */
export interface AnswerOf {
  readonly tokens: RowKey & { readonly tokens: readonly number[] };
  readonly labels: RowKey & { readonly label: number };
  readonly 'label-scores': RowKey & { readonly positive: boolean };
}

/** The right answers of a scene, one per row. */
export type Answers = { readonly [G in Goal]: readonly AnswerOf[G][] };

interface RowOf {
  readonly tokens: TokenGuess;
  readonly labels: LabelGuess;
  readonly 'label-scores': LabelScoreGuess;
}

const rowsOf: { readonly [G in Goal]: (guess: GuessOf[G]) => readonly RowOf[G][] } = {
  tokens: ({ tokens }) => tokens,
  labels: ({ labels }) => labels,
  // Ranks instead of scores: an AUC is the same, and no single outlier decides a test.
  'label-scores': ({ scores }) => {
    const ranks = midRanks(scores.map(({ score }) => score));
    return scores.map((row, i) => ({ ...row, score: at(ranks, i) }));
  },
};

/** How right a guess would be about an answer, and how much that answer weighs. */
const rightness: {
  readonly [G in Goal]: (guess: RowOf[G] | undefined, answer: AnswerOf[G]) => number;
} = {
  tokens: (guess, { tokens }) => tokens.filter((id, s) => guess?.tokens[s] === id).length,
  labels: (guess, { label }) => Number(guess?.label === label),
  'label-scores': (guess, { positive }) => (positive ? (guess?.score ?? 0) : 0),
};

const figures: {
  readonly [G in Goal]: (
    rows: readonly { readonly guess: RowOf[G] | undefined; readonly answer: AnswerOf[G] }[],
  ) => number;
} = {
  tokens: (rows) => {
    const right = rows.reduce((sum, row) => sum + rightness.tokens(row.guess, row.answer), 0);
    return right / rows.reduce((sum, { answer }) => sum + answer.tokens.length, 0);
  },
  labels: (rows) =>
    rows.reduce((sum, row) => sum + rightness.labels(row.guess, row.answer), 0) / rows.length,
  'label-scores': (rows) =>
    orientedAuc(
      rows.map(({ guess, answer }) => ({ score: guess?.score ?? 0, positive: answer.positive })),
    ) ?? 0,
};

/**
 * Positional accuracy of tokens, accuracy of labels, or oriented AUC of scores; a missing row and an abstention count
 * as wrong.
 */
export function scoreOf<G extends Goal>(goal: G, guess: GuessOf[G], truth: Answers[G]): number {
  return figures[goal](paired(goal, guess, truth));
}

/**
 * One-sided permutation p: how often the same guesses, re-paired with the answers of other rows, are as good. 1 where
 * there is nothing to exchange.
 */
export function chanceOf<G extends Goal>(goal: G, guess: GuessOf[G], truth: Answers[G]): number {
  const rows = paired(goal, guess, truth);
  const score = (i: number, j: number): number =>
    rightness[goal](at(rows, i).guess, at(rows, j).answer);
  const pairing = { groups: [[...rows.keys()]], score };
  return repairing(pairing, randomStream('attack-kit'), { pairings: 9999 })?.p ?? 1;
}

/** What is wrong with the rows of a guess: one that nobody was shown, or one guessed twice; "" if nothing. */
export function malformed<G extends Goal>(goal: G, guess: GuessOf[G], truth: Answers[G]): string {
  const answers: readonly RowKey[] = truth;
  const guesses: readonly RowKey[] = rowsOf[goal](guess);
  const known = new Set(answers.map(nameOf));
  const seen = new Set<string>();
  for (const row of guesses) {
    const name = nameOf(row);
    if (!known.has(name)) return `a guess about row ${name}, which no message has`;
    if (seen.has(name)) return `two guesses about row ${name}`;
    seen.add(name);
  }
  return '';
}

function paired<G extends Goal>(goal: G, guess: GuessOf[G], truth: Answers[G]) {
  const guesses = new Map(rowsOf[goal](guess).map((row) => [nameOf(row), row]));
  return truth.map((answer: AnswerOf[G]) => ({ answer, guess: guesses.get(nameOf(answer)) }));
}

function nameOf({ step, row }: RowKey): string {
  return `${step}/${row}`;
}
