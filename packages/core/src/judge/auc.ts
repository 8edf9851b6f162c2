import { draw, type Random } from '../tensor/index.js';
import { at } from '../text/index.js';
import { type ResampledInterval, type Resampling, summary } from './intervals.js';

/** One score, its truth, and the row it was seen for. */
export interface ScoredRow {
  readonly score: number;
  readonly positive: boolean;
  readonly rowId: string;
}

/** Ranks from 1, ascending; equal scores share the mean of their ranks. */
export function midRanks(scores: readonly number[]): number[] {
  const order = scores.map((_, i) => i).sort((a, b) => at(scores, a) - at(scores, b));
  const ranks = new Array<number>(scores.length).fill(0);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && at(scores, at(order, end)) === at(scores, at(order, start))) end++;
    for (let k = start; k < end; k++) ranks[at(order, k)] = (start + 1 + end) / 2;
    start = end;
  }
  return ranks;
}

/**
 * Each score's place among those of its message, in (0, 1): (mid-rank − ½)/size. A mean loss scales all gradients of a
 * message by 1/size, so scores of different messages can't be compared as they are.
 */
export function ranksWithinMessages(
  scores: readonly { readonly step: number; readonly score: number }[],
): number[] {
  const messages = Map.groupBy(scores.keys(), (i) => at(scores, i).step);
  const places = new Array<number>(scores.length).fill(0);
  for (const members of messages.values()) {
    const ranks = midRanks(members.map((i) => at(scores, i).score));
    members.forEach((member, k) => {
      places[member] = (at(ranks, k) - 0.5) / members.length;
    });
  }
  return places;
}

/** Probability that a positive outscores a negative, ties one half; null unless both are present. Direction as given. */
export function orientedAuc(rows: readonly Pick<ScoredRow, 'score' | 'positive'>[]): number | null {
  const ranks = midRanks(rows.map(({ score }) => score));
  const positives = rows.filter(({ positive }) => positive).length;
  const rankSum = rows.reduce((sum, row, i) => sum + (row.positive ? at(ranks, i) : 0), 0);
  return aucOfRanks(rankSum, positives, rows.length);
}

/** max(A, 1 − A): what is left when the direction isn't known; above one half by chance alone. */
export function leakAuc(auc: number | null): number | null {
  return auc === null ? null : Math.max(auc, 1 - auc);
}

// Mann–Whitney: A = (R − n₊(n₊ + 1)/2) / (n₊·n₋) with R the positives' rank sum.
function aucOfRanks(rankSum: number, positives: number, count: number): number | null {
  const pairs = positives * (count - positives);
  return pairs === 0 ? null : (rankSum - (positives * (positives + 1)) / 2) / pairs;
}

/** What permuting labels over rows says about an AUC. */
export interface AucPermutation {
  /** One-sided: share of labelings with an AUC at least as large, the observed one included. */
  readonly p: number;
  /** Mean of max(A, 1 − A) over the labelings: what {@link leakAuc} is by chance. */
  readonly meanLeak: number;
}

/**
 * Permutation test of an oriented AUC; a row's label moves with all its scores. Null unless both classes are present.
 * Stops after `enough` labelings that do as well, which keeps p valid (Besag & Clifford 1991, doi:10.1093/biomet/78.2.301).
 */
export function aucPermutation(
  rows: readonly ScoredRow[],
  random: Random,
  permutations = 9999,
  enough = Number.POSITIVE_INFINITY,
): AucPermutation | null {
  const ranks = midRanks(rows.map(({ score }) => score));
  const clusters = [...Map.groupBy(rows.keys(), (i) => at(rows, i).rowId).values()];
  const rankSums = clusters.map((members) => members.reduce((sum, i) => sum + at(ranks, i), 0));
  const labels = clusters.map((members) => at(rows, at(members, 0)).positive);
  const aucOf = (order: readonly number[]): number | null => {
    let sum = 0;
    let positives = 0;
    labels.forEach((positive, i) => {
      if (!positive) return;
      sum += at(rankSums, at(order, i));
      positives += at(clusters, at(order, i)).length;
    });
    return aucOfRanks(sum, positives, rows.length);
  };
  const observed = aucOf(clusters.map((_, i) => i));
  if (observed === null) return null;
  let reached = 1;
  let leak = 0;
  for (let k = 0; k < permutations; k++) {
    const auc = aucOf(draw(random, clusters.length)) ?? 0.5;
    if (auc >= observed - 1e-12) reached++;
    leak += Math.max(auc, 1 - auc);
    if (reached > enough) return { p: enough / (k + 1), meanLeak: leak / (k + 1) };
  }
  return { p: reached / (permutations + 1), meanLeak: leak / permutations };
}

/** Intervals of an AUC and of its {@link leakAuc}: rows resampled within each class. Null unless both are present. */
export function aucIntervals(
  rows: readonly ScoredRow[],
  { random, resamples = 2000, confidence = 0.95 }: Resampling,
): { readonly auc: ResampledInterval; readonly leak: ResampledInterval } | null {
  const order = rows.map((_, i) => i).sort((a, b) => at(rows, a).score - at(rows, b).score);
  const sorted = order.map((i) => at(rows, i));
  const classes = [true, false].map((positive) => [
    ...Map.groupBy(
      [...sorted.keys()].filter((i) => at(sorted, i).positive === positive),
      (i) => at(sorted, i).rowId,
    ).values(),
  ]);
  if (classes.some((clusters) => clusters.length === 0)) return null;
  const values = new Float64Array(resamples);
  const weights = new Int32Array(sorted.length);
  for (let r = 0; r < resamples; r++) {
    weights.fill(0);
    for (const clusters of classes) drawInto(weights, clusters, random);
    values[r] = weightedAuc(sorted, weights);
  }
  const leaks = values.map((auc) => Math.max(auc, 1 - auc));
  return { auc: summary(values, confidence), leak: summary(leaks, confidence) };
}

function drawInto(weights: Int32Array, clusters: readonly number[][], random: Random): void {
  for (let k = 0; k < clusters.length; k++) {
    for (const i of at(clusters, random.integer(clusters.length))) {
      weights[i] = (weights[i] ?? 0) + 1;
    }
  }
}

// Rows ascend by score: a positive beats all negatives below it and half of those it ties with.
function weightedAuc(sorted: readonly ScoredRow[], weights: Int32Array): number {
  let won = 0;
  let below = 0;
  let allPositives = 0;
  for (let start = 0; start < sorted.length; ) {
    const { score } = at(sorted, start);
    let positives = 0;
    let negatives = 0;
    let end = start;
    for (; end < sorted.length && at(sorted, end).score === score; end++) {
      const weight = weights[end] ?? 0;
      if (at(sorted, end).positive) positives += weight;
      else negatives += weight;
    }
    won += positives * (below + negatives / 2);
    below += negatives;
    allPositives += positives;
    start = end;
  }
  return won / (allPositives * below);
}
