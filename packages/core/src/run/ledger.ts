import type { PipelinePlan, RunRecord } from '../contract/index.js';
import { privacyStatement, releasesPerRow, type totalVariation } from '../privacy/index.js';
import { at, present } from '../text/index.js';
import type { RunContext } from './context.js';
import { cellOf, makeRecord } from './record.js';
import { numberOf } from './schedule.js';

/** A defense in use: what one release claims, and where it sits. */
export interface ClaimedUse {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly party: string;
  readonly point: 'forward-out' | 'backward-out';
  readonly claim: Parameters<typeof totalVariation>[0];
}

/** The claims of a pipeline's defenses. */
export async function claimsOf(
  { library }: RunContext,
  pipeline: PipelinePlan,
): Promise<ClaimedUse[]> {
  const uses = pipeline.defenses.flatMap((defense) =>
    defense.chain.map((use) => ({ defense, use })),
  );
  return Promise.all(
    uses.map(async ({ defense: { from, to, point }, use }) => {
      const definition = await library.defense(use.id);
      const party = present(
        pipeline.slices.find(({ name }) => name === from),
        from,
      ).owner;
      return {
        id: use.id,
        from,
        to,
        party,
        point,
        claim: definition.claim(use.params as Parameters<typeof definition.claim>[0]),
      };
    }),
  );
}

/** The ledger: one statement per defense, composed over what a row's text is released. */
export function ledgerRecords(
  planDigest: string,
  pipeline: PipelinePlan,
  claims: readonly ClaimedUse[],
): RunRecord[] {
  const trains = pipeline.work.kind === 'finetune';
  const releases = releasesOf(pipeline);
  return claims.map((use) => {
    const { claim, point } = use;
    const headFrozen = !headTrains(pipeline);
    const statement = privacyStatement({ claim, point, releases, trains, headFrozen });
    return makeRecord(planDigest, cellOf(pipeline), {
      kind: 'privacy',
      name: `${use.id} ${use.from} -> ${use.to}`,
      value: statement.epsilon,
      unit: 'epsilon',
      text: statement.text,
      data: statementData(use, releases, statement),
    });
  });
}

/** How often a row's text is released: every epoch and the evaluation, or every token that is generated. */
function releasesOf({ task, work }: PipelinePlan): number {
  if (task.id === 'generation') return numberOf(task.params, 'max-tokens', 32);
  const epochs = work.kind === 'finetune' ? Math.ceil(numberOf(work.params, 'epochs', 1)) : 0;
  return releasesPerRow(epochs, 1);
}

function headTrains({ work, slices }: PipelinePlan): boolean {
  const chosen = work.params.slices;
  if (work.kind !== 'finetune') return false;
  return !Array.isArray(chosen) || chosen.length === 0 || chosen.includes(at(slices, 0).name);
}

function statementData(
  { id, from, to, party, point, claim }: ClaimedUse,
  releases: number,
  statement: ReturnType<typeof privacyStatement>,
): object {
  return {
    defense: id,
    party,
    between: `${from} -> ${to}`,
    point,
    mechanism: claim.mechanism,
    unit: claim.unit,
    neighbouring: claim.neighbouring,
    epsilonPerRelease: claim.epsilon,
    delta: statement.delta,
    releases,
    epsilon: statement.epsilon,
    reason: statement.reason,
    sensitivity: claim.sensitivity,
    scale: claim.scale,
    simulated: claim.mechanism !== 'none',
    ceiling: statement.ceiling,
    ceilingOfAll: statement.ceilingOfAll,
    notes: statement.notes,
  };
}
