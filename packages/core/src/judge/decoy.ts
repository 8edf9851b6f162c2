import type { TokenGuess } from '../contract/index.js';
import type { Random } from '../tensor/index.js';
import { at } from '../text/index.js';
import { aucPermutation, type ScoredRow } from './auc.js';
import { matchTokens } from './match.js';
import { type OracleResult, untested } from './oracle.js';
import { type Pairing, repairing } from './repairing.js';
import { metricRow } from './token-metrics.js';
import { positionalAccuracy } from './tokens.js';
import type { Truth } from './truth.js';

/** A decoy transcript's guesses, to be judged against the rows that were *not* sent. */
export interface DecoyTokens {
  readonly attack: string;
  /** The real rows, under the keys of the decoy rows that stood in for them. */
  readonly truth: Truth;
  readonly tokens: readonly TokenGuess[];
  readonly random: Random;
  /** See {@link oracleError}. */
  readonly error: number;
}

/**
 * Decoy transcript, tokens: the victim's head and defense ran on public rows of the same lengths, so the guesses may
 * not be significantly better about the real rows than re-paired with them at random. Only rows with equally many
 * tokens are exchanged (length alone tells where a full stop stands); a row alone in its length takes no part.
 */
export function decoyTokens({ attack, truth, tokens, random, error }: DecoyTokens): OracleResult {
  const matched = matchTokens(truth, { attack, guesses: tokens });
  const rows = matched.map(({ row, guess }) => {
    const { truth: ids, predicted, scored } = metricRow(truth, row, guess?.tokens);
    const isReal = (_: unknown, i: number): boolean => row.mask[i] === true;
    return {
      rowId: row.rowId,
      truth: ids.filter(isReal),
      predicted: predicted.filter(isReal),
      scored: scored.filter(isReal),
    };
  });
  const seen = new Set<string>();
  const first = [...rows.keys()].filter((i) => {
    const { rowId } = at(rows, i);
    return seen.has(rowId) ? false : seen.add(rowId);
  });
  const groups = [...Map.groupBy(first, (i) => at(rows, i).truth.length).values()];
  const score = (guess: number, real: number): number =>
    positionalAccuracy({ ...at(rows, real), predicted: at(rows, guess).predicted }).numerator;
  return repaired('decoy-tokens', { groups, score }, random, error);
}

/** Decoy labels: guesses made on a transcript with permuted labels, against the real labels of the same rows. */
export function decoyLabels(
  truth: readonly number[],
  predicted: readonly (number | null)[],
  random: Random,
  error: number,
): OracleResult {
  const score = (guess: number, real: number): number => (predicted[guess] === truth[real] ? 1 : 0);
  return repaired('decoy-labels', { groups: [[...truth.keys()]], score }, random, error);
}

/** Decoy label scores: oriented AUC of scores made on a transcript with permuted labels, against the real labels. */
export function decoyLabelScores(
  rows: readonly ScoredRow[],
  random: Random,
  error: number,
): OracleResult {
  const test = aucPermutation(rows, random, pairingsFor(error), 50);
  const name = 'decoy-label-scores';
  if (!test) return untested(name, error, 'one class only');
  const ok = test.p > error;
  return { name, value: test.p, bound: error, ok, n: rows.length, text: '' };
}

function repaired(name: string, pairing: Pairing, random: Random, error: number): OracleResult {
  const test = repairing(pairing, random, { pairings: pairingsFor(error) });
  if (!test) return untested(name, error, 'no two rows of one length');
  const text = test.smallest > error ? 'too few rows of one length to be significant' : '';
  return { name, value: test.p, bound: error, ok: test.p > error, n: test.rows, text };
}

// Enough for ten pairings to be expected below the error by chance.
function pairingsFor(error: number): number {
  return Math.ceil(10 / error);
}
