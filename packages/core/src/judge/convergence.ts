import type { RowKey, TokenGuess } from '../contract/index.js';
import { at } from '../text/index.js';
import type { Matched } from './match.js';

/** D(truth) of one row, measured by the attack's own distance. */
export interface TruthResidual extends RowKey {
  readonly residual: number;
}

/** How many rows the optimiser failed on, of those whose residuals are known. */
export interface Convergence {
  readonly failed: number;
  readonly rows: number;
  /** What figures of the attack must say, or "". */
  readonly text: string;
}

/**
 * Convergence certificate: where D(guess) > D(truth) there was a better answer than the one returned, so the optimiser
 * failed, not the attack's idea. A guess equal to the truth has converged whatever rounding says. Undefined without
 * residuals.
 */
export function convergenceOf(
  matched: readonly Matched<TokenGuess>[],
  residuals: readonly TruthResidual[],
): Convergence | undefined {
  const known = new Map(residuals.map((r) => [`${r.step}/${r.row}`, r.residual]));
  let rows = 0;
  let failed = 0;
  for (const { row, guess } of matched) {
    const best = known.get(`${row.step}/${row.row}`);
    if (best === undefined || guess?.residual === undefined) continue;
    rows++;
    const isRight = row.ids.every((id, i) => !row.mask[i] || id === at(guess.tokens, i));
    if (!isRight && guess.residual > best) failed++;
  }
  if (rows === 0) return undefined;
  const share = `${failed} of ${rows} rows`;
  const text = failed === 0 ? '' : `at least; the attack did not converge (${share})`;
  return { failed, rows, text };
}
