import type { AdversaryPlan, AuxiliaryPlan, PipelinePlan } from '../contract/index.js';
import type { OracleResult } from '../judge/index.js';
import { at, nearDuplicatesBetween, withoutDuplicatesOf } from '../text/index.js';
import type { RunContext } from './context.js';
import type { LoadedModel, LoadedRows } from './library.js';

/** Public rows of one adversary, without those that are nearly the victim's. */
export interface AuxiliaryRows {
  /** Where they are from; null for public text in place of an adversary's own. */
  readonly plan: AuxiliaryPlan | null;
  readonly ids: readonly (readonly number[])[];
  /** Near-duplicates of the victim's rows, exact ones among them, that were dropped. */
  readonly dropped: number;
}

/**
 * Loads an adversary's public rows (or public text where it has none) and drops what nearly stands in the victim's rows.
 * The Judge does this: the adversary is only handed what is left.
 */
export async function disjointRows(
  { library, places }: RunContext,
  pipeline: PipelinePlan,
  {
    adversary,
    rows,
    model,
  }: { adversary: AdversaryPlan | undefined; rows: LoadedRows; model: LoadedModel },
): Promise<AuxiliaryRows> {
  const plan = adversary?.auxiliary ?? null;
  const ids = await library.publicRows(pipeline, plan, places);
  const own = victimTexts(rows, model);
  const { kept, dropped } = withoutDuplicatesOf(ids.map(model.encoder.decode), own);
  return { plan, ids: kept.map((i) => at(ids, i)), dropped };
}

function victimTexts({ train, test }: LoadedRows, { encoder }: LoadedModel): string[] {
  return [...train, ...test].map((row) => encoder.decode(row.ids));
}

/** Oracle 4: what an adversary was handed holds no row of the victim's, nor one that is nearly the same. */
export function auxiliaryOracle({
  auxiliary,
  rows,
  model,
}: {
  readonly auxiliary: AuxiliaryRows;
  readonly rows: LoadedRows;
  readonly model: LoadedModel;
}): OracleResult {
  const left = nearDuplicatesBetween(
    auxiliary.ids.map(model.encoder.decode),
    victimTexts(rows, model),
  );
  const text = `${auxiliary.dropped} near-duplicates of the victim's rows were dropped, ${auxiliary.ids.length} rows are left`;
  const name = 'auxiliary-disjoint';
  return {
    name,
    value: left.length,
    bound: 0,
    ok: left.length === 0,
    n: auxiliary.ids.length,
    text,
  };
}
