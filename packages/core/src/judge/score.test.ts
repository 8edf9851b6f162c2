import { expect, test } from 'vitest';
import { randomStream } from '../tensor/index.js';
import { Findings } from '../text/index.js';
import { countTokens } from './priors.js';
import { scoreLabelScores, scoreLabels } from './score-labels.js';
import { scoreTokens, type TokenScoring, tokenRatios } from './score-tokens.js';
import type { Measured, Truth, TruthRow } from './truth.js';

const [begin, end, pad, unknown] = [1, 2, 0, 3];

// [CLS] a b c [SEP] [PAD]: the user's tokens stand between the special ones.
function rowOf(row: number, user: readonly number[], label: number | null = null): TruthRow {
  const ids = [begin, ...user, end, pad];
  return {
    step: 0,
    row,
    rowId: `r${row}`,
    ids,
    mask: ids.map((id) => id !== pad),
    userMask: ids.map((_, i) => i > 0 && i <= user.length),
    label,
  };
}

function truthOf(rows: readonly TruthRow[]): Truth {
  return { rows, vocabulary: 20, classes: 2, padding: pad, unknown };
}

const truth = truthOf([rowOf(0, [5, 6, 7]), rowOf(1, [8, 9, unknown]), rowOf(2, [5, 5, 5])]);
const guess = {
  tokens: [
    { step: 0, row: 0, tokens: [begin, 5, 6, 9, end, -7] },
    { step: 0, row: 1, tokens: [begin, 8, 9, 9, end, 0] },
  ],
};

function score(extra: Partial<TokenScoring> = {}): Measured[] {
  return scoreTokens({ attack: 'vmi', truth, guess, random: randomStream('judge'), ...extra });
}

function find(list: readonly Measured[], name: string, of?: string): Measured | undefined {
  return list.find((measured) => measured.name === name && measured.of === of);
}

test('tokens count over the user’s known tokens, and a missing row is wrong', () => {
  const figures = score();
  // Row 0: 2 of 3; row 1: 2 of its 2 known tokens; row 2 was not guessed: 0 of 3.
  expect(find(figures, 'positional-accuracy')).toMatchObject({ value: 4 / 8, n: 3, tokens: 8 });
  expect(find(figures, 'bag-f1')).toMatchObject({ value: 0.5, tokens: 8 });
  expect(find(figures, 'exact-match')).toMatchObject({ value: 1 / 3, n: 3 });
  expect(find(figures, 'unknown-rate')).toMatchObject({ value: 1 / 9, tokens: 9 });
  expect(find(figures, 'missing-rate')).toMatchObject({ value: 1 / 3 });
});

test('the reference counts specials and order-free, in a table of its own', () => {
  const recall = find(score(), 'reference-recall');
  // Without padding: row 0 has 4 of 5 ids guessed anywhere, row 1 has 4 of 5, row 2 nothing.
  expect(recall?.value).toBeCloseTo((4 / 5 + 4 / 5 + 0) / 3, 12);
  expect(recall?.text).toContain('as the reference counts');
});

test('priors and controls stand beside every metric', () => {
  const publicTokens = countTokens([
    { ids: [begin, 5, 5, 6, end], userMask: [false, true, true, true, false] },
  ]);
  const controls = [{ name: 'wrong-head', tokens: guess.tokens.slice(1) }];
  const figures = score({ publicTokens, controls });
  const metrics = figures.filter(({ of }) => of === undefined).slice(0, 7);
  for (const { name } of metrics) {
    const names = figures.filter(({ of }) => of === name).map((baseline) => baseline.name);
    expect(names).toEqual(['prior', 'unigram', 'wrong-head']);
  }
  // The most frequent user token is 5: right at 4 of 8 positions; as draws, (4·⅔ + 1·⅓)/8.
  expect(find(figures, 'prior', 'positional-accuracy')?.value).toBe(4 / 8);
  expect(find(figures, 'unigram', 'positional-accuracy')?.value).toBeCloseTo(3 / 8, 12);
  expect(find(figures, 'wrong-head', 'positional-accuracy')?.value).toBe(2 / 8);
  // Order-free, the four ids of public text cover [CLS], 5, 6, [SEP]: 4/5, 2/5 and 5/5.
  expect(find(figures, 'prior', 'reference-recall')?.value).toBeCloseTo(11 / 15, 12);
});

test('a figure says "at least" where a better answer than the guess existed', () => {
  const withResidual = {
    tokens: guess.tokens.map((g) => ({ ...g, residual: 2, margin: g.row + 1 })),
  };
  const residual = (row: number, value: number) => ({ step: 0, row, residual: value });
  const failed = score({ guess: withResidual, truthResiduals: [residual(0, 1), residual(1, 5)] });
  expect(find(failed, 'positional-accuracy')?.text).toBe(
    'at least; the attack did not converge (1 of 2 rows)',
  );
  expect(find(failed, 'not-converged')?.value).toBe(0.5);
  expect(find(failed, 'smallest-margin')?.value).toBe(1);
  const fine = score({ guess: withResidual, truthResiduals: [residual(0, 2), residual(1, 5)] });
  expect(find(fine, 'positional-accuracy')?.text).toBeUndefined();
  expect(find(fine, 'not-converged')?.value).toBe(0);
});

test('the same seed gives the same figures, and all numbers are finite or null', () => {
  const figures = score();
  expect(score()).toEqual(figures);
  for (const { value, low, high } of [
    ...figures,
    ...score({ truth: truthOf([]), guess: { tokens: [] } }),
  ]) {
    for (const x of [value, low, high]) expect(x === null || Number.isFinite(x)).toBe(true);
  }
});

test('ratios by row are what paired intervals need', () => {
  const rows = tokenRatios({ attack: 'vmi', truth, guess }, 'positional-accuracy');
  expect(rows).toEqual([
    { rowId: 'r0', numerator: 2, denominator: 3 },
    { rowId: 'r1', numerator: 2, denominator: 2 },
    { rowId: 'r2', numerator: 0, denominator: 3 },
  ]);
});

function codesOf(action: () => unknown): string[] {
  try {
    action();
  } catch (error) {
    if (error instanceof Findings) return error.diagnostics.map(({ code }) => code);
    throw error;
  }
  return [];
}

test('guesses that do not fit are findings that name the attack', () => {
  const full = [begin, 5, 6, 9, end, 0];
  const codes = codesOf(() =>
    score({
      guess: {
        tokens: [
          { step: 4, row: 0, tokens: full },
          { step: 0, row: 0, tokens: [1, 2] },
          { step: 0, row: 1, tokens: [begin, 5, 20, 9, end, 0] },
          { step: 0, row: 1, tokens: full },
          { step: 0, row: 2, tokens: [begin, 5, 6.5, 9, end, 0] },
        ],
      },
    }),
  );
  expect(codes).toEqual(['VF590', 'VF592', 'VF593', 'VF591', 'VF593']);
  expect(() => score({ guess: { tokens: [{ step: 9, row: 0, tokens: full }] } })).toThrow('`vmi`');
});

const labelled = truthOf([0, 0, 0, 1].map((label, i) => rowOf(i, [5], label)));
const random = randomStream('labels');

test('labels: abstentions and missing guesses are wrong, majority stands beside', () => {
  const labels = [
    { step: 0, row: 0, label: 0 },
    { step: 0, row: 1, label: null },
    { step: 0, row: 3, label: 1 },
  ];
  const figures = scoreLabels({ attack: 'bli', truth: labelled, guess: { labels }, random });
  expect(find(figures, 'label-accuracy')).toMatchObject({ value: 0.5, n: 4, goal: 'labels' });
  expect(find(figures, 'majority', 'label-accuracy')?.value).toBe(0.75);
  expect(find(figures, 'abstention-rate')?.value).toBe(0.5);
  expect(find(figures, 'best-permutation-accuracy')?.value).toBe(0.5);
  const wrong = { labels: [{ step: 0, row: 0, label: 2 }] };
  expect(
    codesOf(() => scoreLabels({ attack: 'bli', truth: labelled, guess: wrong, random })),
  ).toEqual(['VF593']);
});

function scored(values: readonly number[]): Measured[] {
  const scores = values.map((value, row) => ({ step: 0, row, score: value }));
  return scoreLabelScores({
    attack: 'ns',
    truth: labelled,
    guess: { scores },
    random,
    positive: 1,
  });
}

test('scores: the direction is fixed, and perfect separation still has an interval', () => {
  const right = find(scored([1, 2, 3, 4]), 'label-auc');
  expect(right?.value).toBe(1);
  expect(right?.low).toBeLessThan(0.3);
  expect(right?.text).toContain('larger means class 1');
  const inverted = scored([4, 3, 2, 1]);
  expect(find(inverted, 'label-auc')?.value).toBe(0);
  expect(find(inverted, 'leak-auc')?.value).toBe(1);
  expect(find(inverted, 'permuted-labels', 'leak-auc')?.value).toBeGreaterThan(0.6);
  expect(find(inverted, 'chance', 'label-auc')?.value).toBe(0.5);
});

test('scores: a row without a score takes the middle place, and NaN is a finding', () => {
  const figures = scored([1, 2, 3]);
  expect(find(figures, 'label-auc')?.value).toBeCloseTo(0.5, 12);
  expect(find(figures, 'abstention-rate')?.value).toBe(0.25);
  expect(codesOf(() => scored([1, Number.NaN, 3, 4]))).toEqual(['VF594']);
});

test('scores of messages of different sizes are compared by their places', () => {
  const rows = [0, 1].flatMap((step) =>
    [0, 0, 1].map((label, row) => ({ ...rowOf(row, [5], label), step, rowId: `${step}.${row}` })),
  );
  const scores = rows.map(({ step, row }) => ({ step, row, score: (row + 1) * (step + 1) ** 9 }));
  const figures = scoreLabelScores({
    attack: 'ns',
    truth: truthOf(rows),
    guess: { scores },
    random,
    positive: 1,
  });
  expect(find(figures, 'label-auc')?.value).toBe(1);
});

test('one class has no AUC: null, never a number', () => {
  const rows = [rowOf(0, [5], 0), rowOf(1, [5], 0)];
  const scores = rows.map(({ step, row }) => ({ step, row, score: row }));
  const figures = scoreLabelScores({
    attack: 'ns',
    truth: truthOf(rows),
    guess: { scores },
    random,
    positive: 1,
  });
  expect(find(figures, 'label-auc')).toMatchObject({ value: null, low: null, high: null });
  expect(find(figures, 'leak-auc')?.value).toBeNull();
  expect(find(figures, 'label-auc-p')?.value).toBeNull();
});
