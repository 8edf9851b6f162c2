import { draw, type Random } from '../tensor/index.js';
import { at } from '../text/index.js';
import { largestAssignment } from './assignment.js';

/** True and guessed classes of the same rows; a null guess is an abstention and never right. */
export interface LabelPairs {
  readonly truth: readonly number[];
  readonly predicted: readonly (number | null)[];
  /** Number of classes. */
  readonly classes: number;
}

/** Share of right guesses, abstentions counted as wrong; null without rows. */
export function labelAccuracy({ truth, predicted }: LabelPairs): number | null {
  if (truth.length === 0) return null;
  return truth.filter((label, i) => label === predicted[i]).length / truth.length;
}

/**
 * The largest accuracy under any renaming of the guessed classes, for attacks that can tell classes apart but not which
 * is which. Above chance by construction: compare with {@link shuffledPermutationAccuracy}. Null without rows.
 */
export function bestPermutationAccuracy({ truth, predicted, classes }: LabelPairs): number | null {
  if (truth.length === 0) return null;
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  truth.forEach((label, i) => {
    const guess = predicted[i] ?? null;
    const row = guess === null ? undefined : counts[guess];
    if (row) row[label] = (row[label] ?? 0) + 1;
  });
  return largestAssignment(counts) / truth.length;
}

/** Mean best-permutation accuracy of the same guesses over shuffled truths: what it is by chance. */
export function shuffledPermutationAccuracy(
  pairs: LabelPairs,
  random: Random,
  shuffles = 200,
): number | null {
  if (pairs.truth.length === 0) return null;
  let sum = 0;
  for (let k = 0; k < shuffles; k++) {
    const order = draw(random, pairs.truth.length);
    sum += bestPermutationAccuracy({ ...pairs, truth: order.map((i) => at(pairs.truth, i)) }) ?? 0;
  }
  return sum / shuffles;
}

/** The least frequent class, the larger id on a tie (so that 1 is the positive of a balanced pair); null without labels. */
export function rarerClass(labels: readonly number[]): number | null {
  const counts = Map.groupBy(labels, (label) => label);
  let rarest: number | null = null;
  for (const [label, members] of [...counts].sort(([a], [b]) => b - a)) {
    const least = rarest === null ? Number.POSITIVE_INFINITY : (counts.get(rarest)?.length ?? 0);
    if (members.length < least) rarest = label;
  }
  return rarest;
}
