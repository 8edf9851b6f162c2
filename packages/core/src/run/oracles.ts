import type { PipelinePlan, RunRecord } from '../contract/index.js';
import { ceilingOracle, type OracleResult } from '../judge/index.js';
import { totalVariation } from '../privacy/index.js';
import { at } from '../text/index.js';
import type { ClaimedUse } from './ledger.js';
import { cellOf, makeRecord } from './record.js';
import type { Judged } from './truths.js';
import type { VictimResult } from './victim.js';

/** Oracle 2: what is trained moved, what is frozen kept its digest. */
export function stepsOracle({ before, after }: VictimResult): OracleResult {
  const frozen = after.filter((digest, i) => digest.frozen !== at(before, i).frozen).length;
  const still = after.filter(
    (digest, i) => digest.trainedCount > 0 && digest.trained === at(before, i).trained,
  ).length;
  const value = frozen + still;
  const text = `${after.length - frozen} of ${after.length} parties kept their frozen tensors, ${still} did not train`;
  return {
    name: 'steps-change-what-they-should',
    value,
    bound: 0,
    ok: value === 0,
    n: after.length,
    text,
  };
}

/** Oracle 6: what crossed was fixed before the attacks ran and is the same after. */
export function passiveOracle(before: string, after: string, n: number): OracleResult {
  const ok = before === after;
  const text = ok
    ? 'the transcript on disk re-hashes to the digest taken before the attacks'
    : 'the transcript changed while attacks ran';
  return { name: 'passive-attacks-change-nothing', value: ok ? 0 : 1, bound: 0, ok, n, text };
}

/** Oracle 5 for every defense of a pipeline that claims something about released text. */
export function ceilingOracles(
  judged: Judged,
  options: { claims: readonly ClaimedUse[]; predicted: readonly number[]; error: number },
): OracleResult[] {
  return options.claims.flatMap(({ claim, point }) => {
    const variation = totalVariation(claim);
    if (variation === null || point !== 'forward-out' || options.predicted.length === 0) return [];
    const check = {
      truth: judged.rows.test.map(({ label }) => label ?? 0),
      predicted: options.predicted,
      lengths: judged.rows.test.map(({ ids }) => ids.length),
      variation,
      error: options.error,
    };
    return [ceilingOracle(check)];
  });
}

/** What an oracle said, and of which pipeline. */
export interface RunOracle {
  readonly pipeline: PipelinePlan;
  readonly result: OracleResult;
}

/** An oracle's result as a record. */
export function oracleRecord(planDigest: string, { pipeline, result }: RunOracle): RunRecord {
  const { name, value, bound, ok, n, text } = result;
  return makeRecord(planDigest, cellOf(pipeline), {
    kind: 'oracle',
    name,
    value,
    n,
    bound,
    ok,
    ...(text ? { text } : {}),
  });
}
