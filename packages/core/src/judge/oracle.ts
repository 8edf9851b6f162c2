/** Whether a run may be believed, by one test. `value` is compared with `bound`; null: there was nothing to test. */
export interface OracleResult {
  readonly name: string;
  readonly value: number | null;
  readonly bound: number;
  readonly ok: boolean;
  readonly n: number;
  readonly text: string;
}

/** Probability of a false alarm of one oracle of a run with so many: one run in a thousand, in all. */
export function oracleError(oracles: number): number {
  return 1e-3 / oracles;
}

/** The result of an oracle that had nothing to test, and why. */
export function untested(name: string, bound: number, why: string): OracleResult {
  return { name, value: null, bound, ok: true, n: 0, text: `not tested: ${why}` };
}
