import type { Ratio } from './ratio.js';

/** A row's true ids, what was guessed at the same positions, and which positions count. */
export interface TokenRow {
  readonly truth: readonly number[];
  readonly predicted: readonly number[];
  /** True where a user's own token stands: not padding, special, template or unknown. */
  readonly scored: readonly boolean[];
}

/** Share of scored positions with the right token. */
export function positionalAccuracy({ truth, predicted, scored }: TokenRow): Ratio {
  let right = 0;
  let counted = 0;
  scored.forEach((isScored, i) => {
    if (!isScored) return;
    counted++;
    if (truth[i] === predicted[i]) right++;
  });
  return { numerator: right, denominator: counted };
}

/** Tokens of scored positions compared as multisets, with clipped counts: shared/guessed, shared/true, 2·shared/both. */
export interface BagRatios {
  readonly precision: Ratio;
  readonly recall: Ratio;
  readonly f1: Ratio;
}

/** {@link BagRatios} of one row; the three agree because a guess has one token for each position. */
export function bagOverlap({ truth, predicted, scored }: TokenRow): BagRatios {
  const left = new Map<number, number>();
  const real = truth.filter((_, i) => scored[i]);
  const guessed = predicted.filter((_, i) => scored[i]);
  for (const id of real) left.set(id, (left.get(id) ?? 0) + 1);
  let shared = 0;
  for (const id of guessed) {
    const remaining = left.get(id) ?? 0;
    if (remaining === 0) continue;
    left.set(id, remaining - 1);
    shared++;
  }
  return {
    precision: { numerator: shared, denominator: guessed.length },
    recall: { numerator: shared, denominator: real.length },
    f1: { numerator: 2 * shared, denominator: real.length + guessed.length },
  };
}

/** 1 of 1 where every scored position is right, 0 of 1 otherwise, nothing where none is scored. */
export function exactMatch(row: TokenRow): Ratio {
  const { numerator, denominator } = positionalAccuracy(row);
  return {
    numerator: denominator > 0 && numerator === denominator ? 1 : 0,
    denominator: denominator > 0 ? 1 : 0,
  };
}

/**
 * Recall and precision as VFLAIR-LLM counts (`src/evaluates/attacks/WhiteBoxInversion.py` and its siblings): truth
 * without padding ids, specials included, order and multiplicity ignored, guesses at all positions. A sample's value
 * is the ratio, and the figure of a set is the plain mean of its samples.
 */
export function referenceOverlap(
  { truth, predicted }: Pick<TokenRow, 'truth' | 'predicted'>,
  padding: number | null,
): { readonly recall: Ratio; readonly precision: Ratio } {
  const real = truth.filter((id) => id !== padding);
  const inTruth = new Set(real);
  const inGuess = new Set(predicted);
  return {
    recall: { numerator: real.filter((id) => inGuess.has(id)).length, denominator: real.length },
    precision: {
      numerator: predicted.filter((id) => inTruth.has(id)).length,
      denominator: predicted.length,
    },
  };
}
