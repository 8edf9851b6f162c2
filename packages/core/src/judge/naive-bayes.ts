import { at } from '../text/index.js';

/** A row as token ids with its class. */
export interface LabelledIds {
  readonly ids: readonly number[];
  readonly label: number;
}

/** Sizes of a naive Bayes classifier; `smoothing` is added to every count and 1 unless said otherwise (Laplace). */
export interface NaiveBayesOptions {
  readonly classes: number;
  readonly vocabulary: number;
  readonly smoothing?: number;
}

/** A fitted classifier: ids without padding → class, ties to the smaller class. */
export type Classifier = (ids: readonly number[]) => number;

/**
 * Multinomial naive Bayes on token ids, fitted on training rows only: argmax_c ln P(c) + Σ ln P(id | c). The figure a
 * split model has to beat to be worth its server. Source: Manning, Raghavan & Schütze 2008, section 13.2.
 */
export function fitNaiveBayes(
  rows: readonly LabelledIds[],
  { classes, vocabulary, smoothing = 1 }: NaiveBayesOptions,
): Classifier {
  const models = Array.from({ length: classes }, (_, label) => {
    const members = rows.filter((row) => row.label === label);
    const counts = new Map<number, number>();
    let total = 0;
    for (const { ids } of members) {
      for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
      total += ids.length;
    }
    const norm = Math.log(total + smoothing * vocabulary);
    return {
      prior: Math.log(members.length / rows.length),
      of: (id: number): number => Math.log((counts.get(id) ?? 0) + smoothing) - norm,
    };
  });
  return (ids) => {
    const scores = models.map(({ prior, of }) => ids.reduce((sum, id) => sum + of(id), prior));
    return scores.reduce((best, score, label) => (score > at(scores, best) ? label : best), 0);
  };
}
