import { draw, type Random } from '../tensor/index.js';
import { at } from '../text/index.js';

/** Guesses and truths by index, and which may be exchanged for each other. */
export interface Pairing {
  /** Groups of indices within which the truth is re-paired; only groups of two or more matter. */
  readonly groups: readonly (readonly number[])[];
  /** How right guess `guess` is about truth `truth`. */
  readonly score: (guess: number, truth: number) => number;
}

/** A re-pairing test's p-value and the smallest it could have been. */
export interface RepairingTest {
  readonly p: number;
  /** 1 over the number of pairings: no test can be significant below it. */
  readonly smallest: number;
  /** Rows that had another to be exchanged with. */
  readonly rows: number;
}

/**
 * One-sided permutation test: are guesses better about their own rows than about rows they were not made for? Under
 * the null all pairings within a group are equally likely. Undefined where nothing can be exchanged. Stops after
 * `enough` pairings that do as well, which keeps p valid (Besag & Clifford 1991, doi:10.1093/biomet/78.2.301).
 */
export function repairing(
  { groups, score }: Pairing,
  random: Random,
  { pairings, enough = 50 }: { readonly pairings: number; readonly enough?: number },
): RepairingTest | undefined {
  const exchanged = groups.filter((group) => group.length > 1);
  if (exchanged.length === 0) return undefined;
  const tables = exchanged.map((group) => group.map((i) => group.map((j) => score(i, j))));
  const sumOf = (orders: readonly (readonly number[])[]): number =>
    tables.reduce(
      (sum, table, k) => at(orders, k).reduce((part, j, i) => part + at(at(table, i), j), sum),
      0,
    );
  const observed = sumOf(exchanged.map((group) => group.map((_, i) => i)));
  const facts = {
    smallest: 1 / exchanged.reduce((product, { length }) => product * factorial(length), 1),
    rows: exchanged.flat().length,
  };
  let reached = 0;
  for (let k = 1; k <= pairings; k++) {
    if (sumOf(exchanged.map(({ length }) => draw(random, length))) >= observed - 1e-9) reached++;
    if (reached === enough) return { p: reached / k, ...facts };
  }
  return { p: (reached + 1) / (pairings + 1), ...facts };
}

function factorial(n: number): number {
  let product = 1;
  for (let k = 2; k <= n; k++) product *= k;
  return product;
}
