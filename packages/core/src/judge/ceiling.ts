import { accuracyCeiling, rateAtLeast } from '../privacy/index.js';
import { at } from '../text/index.js';
import { type OracleResult, untested } from './oracle.js';

/** A classifier's test figures behind a defense that claims something. */
export interface CeilingCheck {
  readonly truth: readonly number[];
  readonly predicted: readonly (number | null)[];
  /** Tokens of each row: public, so a use of the release may know them. */
  readonly lengths?: readonly number[];
  /** Total variation distance of one release, `totalVariation(claim)`. */
  readonly variation: number;
  readonly error: number;
}

/**
 * Ceiling: an exact lower confidence bound of the balanced accuracy (Clopper–Pearson per class at error/k) above the
 * best that any use of the release can reach means a defect or a channel without defense. With `lengths` the bound
 * grants what the lengths of these very rows tell.
 */
export function ceilingOracle(check: CeilingCheck): OracleResult {
  const { truth, predicted, lengths, variation, error } = check;
  const classes = [...Map.groupBy(truth.keys(), (i) => at(truth, i)).values()];
  const name = 'ceiling';
  const plain = accuracyCeiling(variation, classes.length);
  if (classes.length < 2) return untested(name, plain, 'one class only');
  const bounds = classes.map((rows) => {
    const successes = rows.filter((i) => predicted[i] === truth[i]).length;
    return rateAtLeast({ successes, trials: rows.length }, error / classes.length);
  });
  const low = bounds.reduce((sum, x) => sum + x, 0) / classes.length;
  const bound = lengths ? ceilingWithLengths(classes, lengths, variation) : plain;
  const rate = plain.toFixed(3);
  const text = lengths ? `for rows of one length the ceiling is ${rate}` : '';
  return { name, value: low, bound, ok: low <= bound, n: truth.length, text };
}

// With w_c(l) the share of class c's rows that have length l: Σ_l (max_c w_c + TV·Σ of the others)/k.
function ceilingWithLengths(
  classes: readonly (readonly number[])[],
  lengths: readonly number[],
  variation: number,
): number {
  let sum = 0;
  for (const length of new Set(lengths)) {
    const shares = classes.map(
      (rows) => rows.filter((i) => lengths[i] === length).length / rows.length,
    );
    const largest = Math.max(...shares);
    const others = shares.reduce((total, share) => total + share, 0) - largest;
    sum += largest + variation * others;
  }
  return sum / classes.length;
}
