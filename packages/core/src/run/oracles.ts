import type { PipelinePlan, Plan, RunRecord } from '../contract/index.js';
import { ceilingOracle, type OracleResult } from '../judge/index.js';
import type { EncodedRow } from '../party/index.js';
import { privacyStatement, totalVariation } from '../privacy/index.js';
import type { FloatTensor } from '../tensor/index.js';
import { at, present } from '../text/index.js';
import type { RunContext } from './context.js';
import { openWorld } from './hub.js';
import { cellOf, makeRecord } from './record.js';
import type { ProbeResult } from './results.js';
import { numberOf, victimStream } from './schedule.js';
import type { Judged } from './truths.js';
import type { VictimResult } from './victim.js';

/** Oracle 2: what is trained moved, what is frozen kept its digest. */
export function stepsOracle(pipeline: PipelinePlan, { before, after }: VictimResult): OracleResult {
  const frozen = after.filter((digest, i) => digest.frozen !== at(before, i).frozen).length;
  const still = after.filter(
    (digest, i) => digest.trainedCount > 0 && digest.trained === at(before, i).trained,
  ).length;
  const value = frozen + still;
  const text = `${after.length - frozen} of ${after.length} parties kept their frozen tensors, ${still} did not train`;
  return {
    name: `steps-change-what-they-should: ${pipeline.name}`,
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
  pipeline: PipelinePlan,
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
    return [{ ...ceilingOracle(check), name: `ceiling: ${pipeline.name}` }];
  });
}

/** An oracle's result as a record; it belongs to the whole run. */
export function oracleRecord(planDigest: string, plan: Plan, result: OracleResult): RunRecord {
  const { name, value, bound, ok, n, text } = result;
  const cell = {
    pipeline: '',
    defense: [],
    attack: [],
    seed: at(plan.pipelines, 0).seed,
    sweep: {},
  };
  return makeRecord(planDigest, cell, {
    kind: 'oracle',
    name,
    value,
    n,
    bound,
    ok,
    ...(text ? { text } : {}),
  });
}
