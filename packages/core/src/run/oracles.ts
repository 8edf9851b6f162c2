import type { PipelinePlan, Plan, RunRecord } from '../contract/index.js';
import { ceilingOracle, type OracleResult } from '../judge/index.js';
import { privacyStatement, totalVariation } from '../privacy/index.js';
import type { EncodedRow } from '../party/index.js';
import type { FloatTensor } from '../tensor/index.js';
import { at, present } from '../text/index.js';
import type { RunContext } from './context.js';
import { openWorld } from './hub.js';
import { cellOf, makeRecord } from './record.js';
import type { ProbeResult } from './results.js';
import { numberOf, victimStream } from './schedule.js';
import type { Judged } from './truths.js';
import type { VictimResult } from './victim.js';

const splitBound = 1e-4;

/**
 * Oracle 1: the parties with their defenses removed, and the whole model at one party, take the same random ids: loss
 * and every gradient agree within 1e-4 of their scale. No private row is sent undefended.
 */
export async function splitOracle(context: RunContext, pipeline: PipelinePlan, judged: Judged): Promise<OracleResult> {
  const rows = syntheticRows(pipeline, judged);
  const bare = { ...pipeline, work: everythingTrains(pipeline), defenses: [] };
  const cut = await probe(context, bare, rows);
  const whole = await probe(context, uncut(bare), rows);
  const differences = [...whole.gradients].map(([name, tensor]) => difference(cut.gradients.get(name), tensor));
  const loss = Math.abs(cut.loss - whole.loss) / Math.max(1, Math.abs(whole.loss));
  const missing = [...cut.gradients.keys()].filter((name) => !whole.gradients.has(name)).length;
  const value = Math.max(loss, ...differences, missing);
  const text = `loss and ${whole.gradients.size} gradients, defenses off, random ids`;
  return { name: `split-equals-unsplit: ${pipeline.name}`, value, bound: splitBound, ok: value <= splitBound, n: whole.gradients.size, text };
}

const probeWork: PipelinePlan['work'] = {
  kind: 'finetune',
  method: 'lora',
  params: { rank: 4, alpha: 8, epochs: 1, batch: 4, 'learning-rate': 1e-4, 'weight-decay': 0, slices: [], targets: [] },
};

/** The work of a pipeline with every slice trained, so that every gradient is compared. */
function everythingTrains({ work }: PipelinePlan): PipelinePlan['work'] {
  return work.kind === 'finetune' ? { ...work, params: { ...work.params, slices: [] } } : probeWork;
}

/** The same model at the data party alone. */
function uncut(pipeline: PipelinePlan): PipelinePlan {
  const owner = at(pipeline.slices, 0).owner;
  return { ...pipeline, slices: [{ name: 'whole', from: 'embed', to: 'output', owner, role: 'head' }] };
}

async function probe(context: RunContext, pipeline: PipelinePlan, rows: readonly EncodedRow[]): Promise<ProbeResult> {
  const world = await openWorld(context.hosts, { pipeline, places: context.places, threads: context.threads, probing: true });
  try {
    const first = (await world.ask('probe', { step: 0, rows })) as ProbeResult;
    const gradients = new Map(first.gradients);
    for (const party of world.others) {
      await party.command('settle');
      for (const [name, tensor] of (await party.command('gradients')) as ReadonlyMap<string, FloatTensor>) gradients.set(name, tensor);
    }
    return { loss: first.loss, gradients };
  } finally {
    await world.close();
  }
}

function syntheticRows(pipeline: PipelinePlan, { model, rows }: Judged): EncodedRow[] {
  const random = victimStream(pipeline).stream('oracle/split');
  return [5, 9, 3, 7].map((length, i) => ({
    id: `synthetic-${i}`,
    ids: Array.from({ length }, () => random.integer(model.spec.vocabulary)),
    user: Array.from({ length }, () => true),
    label: model.spec.head === 'cls' ? i % Math.max(1, rows.classes.length) : null,
  }));
}

// A gradient that the cut model lacks is as wrong as can be.
function difference(ours: FloatTensor | undefined, reference: FloatTensor): number {
  if (!ours) return 1;
  let worst = 0;
  let scale = 1e-3;
  reference.data.forEach((x, i) => {
    worst = Math.max(worst, Math.abs(x - (ours.data[i] ?? 0)));
    scale = Math.max(scale, Math.abs(x));
  });
  return worst / scale;
}

/** Oracle 2: what is trained moved, what is frozen kept its digest. */
export function stepsOracle(pipeline: PipelinePlan, { before, after }: VictimResult): OracleResult {
  const frozen = after.filter((digest, i) => digest.frozen !== at(before, i).frozen).length;
  const still = after.filter((digest, i) => digest.trainedCount > 0 && digest.trained === at(before, i).trained).length;
  const value = frozen + still;
  const text = `${after.length - frozen} of ${after.length} parties kept their frozen tensors, ${still} did not train`;
  return { name: `steps-change-what-they-should: ${pipeline.name}`, value, bound: 0, ok: value === 0, n: after.length, text };
}

/** Oracle 6: what crossed was fixed before the attacks ran and is the same after. */
export function passiveOracle(before: string, after: string, n: number): OracleResult {
  const ok = before === after;
  const text = ok ? 'the transcript on disk re-hashes to the digest taken before the attacks' : 'the transcript changed while attacks ran';
  return { name: 'passive-attacks-change-nothing', value: ok ? 0 : 1, bound: 0, ok, n, text };
}

/** Oracle 5 for every defense of a pipeline that claims something about released text. */
export function ceilingOracles(pipeline: PipelinePlan, judged: Judged, options: { claims: readonly ClaimedUse[]; predicted: readonly number[]; error: number }): OracleResult[] {
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
export async function claimsOf({ library }: RunContext, pipeline: PipelinePlan): Promise<ClaimedUse[]> {
  const uses = pipeline.defenses.flatMap((defense) => defense.chain.map((use) => ({ defense, use })));
  return Promise.all(
    uses.map(async ({ defense: { from, to, point }, use }) => {
      const definition = await library.defense(use.id);
      const party = present(pipeline.slices.find(({ name }) => name === from), from).owner;
      return { id: use.id, from, to, party, point, claim: definition.claim(use.params as Parameters<typeof definition.claim>[0]) };
    }),
  );
}

/** The ledger: one statement per defense, composed over what a row's text is released. */
export function ledgerRecords(planDigest: string, pipeline: PipelinePlan, claims: readonly ClaimedUse[]): RunRecord[] {
  const { work, slices } = pipeline;
  const chosen = work.params.slices;
  const first = at(slices, 0).name;
  const headTrains = work.kind === 'finetune' && (!Array.isArray(chosen) || chosen.length === 0 || chosen.includes(first));
  const epochs = work.kind === 'finetune' ? Math.ceil(numberOf(work.params, 'epochs', 1)) : 0;
  return claims.map(({ id, from, to, party, point, claim }) => {
    const releases = pipeline.task.id === 'generation' ? numberOf(pipeline.task.params, 'max-tokens', 32) : Math.max(1, epochs);
    const statement = privacyStatement({ claim, point, releases, trains: work.kind === 'finetune', headFrozen: !headTrains });
    const data = {
      defense: id, party, between: `${from} -> ${to}`, point, mechanism: claim.mechanism, unit: claim.unit, neighbouring: claim.neighbouring,
      epsilonPerRelease: claim.epsilon, delta: statement.delta, releases, epsilon: statement.epsilon, reason: statement.reason,
      sensitivity: claim.sensitivity, scale: claim.scale, simulated: claim.mechanism !== 'none', ceiling: statement.ceiling, ceilingOfAll: statement.ceilingOfAll, notes: statement.notes,
    };
    return makeRecord(planDigest, cellOf(pipeline), { kind: 'privacy', name: `${id} ${from} -> ${to}`, value: statement.epsilon, unit: 'epsilon', text: statement.text, data });
  });
}

/** An oracle's result as a record; it belongs to the whole run. */
export function oracleRecord(planDigest: string, plan: Plan, result: OracleResult): RunRecord {
  const { name, value, bound, ok, n, text } = result;
  const cell = { pipeline: '', defense: [], attack: [], seed: at(plan.pipelines, 0).seed, sweep: {} };
  return makeRecord(planDigest, cell, { kind: 'oracle', name, value, n, bound, ok, ...(text ? { text } : {}) });
}
