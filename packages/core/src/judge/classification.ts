import { at } from '../text/index.js';

/** Scores of a classifier; lists are by the classes in `labels`, the sorted union of true and predicted ones. */
export interface ClassificationScores {
  readonly accuracy: number;
  /** Matthews correlation for any number of classes; 0 where its denominator is. */
  readonly mcc: number;
  /** Mean recall over the classes that occur in the truth. */
  readonly balancedAccuracy: number;
  readonly f1Macro: number;
  readonly f1Micro: number;
  readonly f1Weighted: number;
  /** F1 of class 1; null unless all classes are 0 and 1. */
  readonly f1Binary: number | null;
  readonly labels: readonly number[];
  readonly precision: readonly number[];
  readonly recall: readonly number[];
  readonly f1: readonly number[];
  /** `confusion[i][j]`: truth `labels[i]`, predicted `labels[j]`. */
  readonly confusion: readonly (readonly number[])[];
}

/** {@link ClassificationScores} of class ids, with 0/0 = 0; null without rows. Gorodkin 2004, doi:10.1016/j.compbiolchem.2004.09.006, for the MCC. */
export function classificationScores(
  truth: readonly number[],
  predicted: readonly number[],
): ClassificationScores | null {
  if (truth.length === 0) return null;
  const labels = [...new Set([...truth, ...predicted])].sort((a, b) => a - b);
  const confusion = confusionOf(labels, truth, predicted);
  const right = labels.map((_, i) => at(at(confusion, i), i));
  const real = confusion.map(sum);
  const guessed = labels.map((_, j) => sum(confusion.map((row) => at(row, j))));
  const precision = labels.map((_, i) => share(at(right, i), at(guessed, i)));
  const recall = labels.map((_, i) => share(at(right, i), at(real, i)));
  const f1 = labels.map((_, i) => share(2 * at(right, i), at(real, i) + at(guessed, i)));
  const accuracy = sum(right) / truth.length;
  const present = recall.filter((_, i) => at(real, i) > 0);
  return {
    accuracy,
    mcc: correlation(right, real, guessed),
    balancedAccuracy: sum(present) / present.length,
    f1Macro: sum(f1) / labels.length,
    f1Micro: accuracy,
    f1Weighted: sum(f1.map((value, i) => value * at(real, i))) / truth.length,
    f1Binary: labels.every((label) => label === 0 || label === 1)
      ? (f1[labels.indexOf(1)] ?? 0)
      : null,
    labels,
    precision,
    recall,
    f1,
    confusion,
  };
}

function confusionOf(
  labels: readonly number[],
  truth: readonly number[],
  predicted: readonly number[],
): number[][] {
  const indexOf = new Map(labels.map((label, i) => [label, i]));
  const confusion = labels.map(() => new Array<number>(labels.length).fill(0));
  truth.forEach((label, i) => {
    const row = at(confusion, indexOf.get(label) ?? -1);
    const column = indexOf.get(at(predicted, i)) ?? -1;
    row[column] = at(row, column) + 1;
  });
  return confusion;
}

// R_K = (s·c − Σ t_k p_k) / √((s² − Σ p_k²)(s² − Σ t_k²)), c right of s, t_k true and p_k predicted of class k.
function correlation(
  right: readonly number[],
  real: readonly number[],
  guessed: readonly number[],
): number {
  const s = sum(real);
  const product = sum(real.map((t, k) => t * at(guessed, k)));
  const spread = (counts: readonly number[]): number => s * s - sum(counts.map((x) => x * x));
  const denominator = Math.sqrt(spread(guessed) * spread(real));
  return share(s * sum(right) - product, denominator);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
