import type { PipelinePlan } from '../contract/index.js';
import type { OracleResult } from '../judge/index.js';
import type { EncodedRow } from '../party/index.js';
import type { FloatTensor } from '../tensor/index.js';
import { at } from '../text/index.js';
import type { RunContext } from './context.js';
import { openWorld } from './hub.js';
import type { ProbeResult } from './results.js';
import { victimStream } from './schedule.js';
import type { Judged } from './truths.js';

const splitBound = 1e-4;

/**
 * Oracle 1: the parties with their defenses removed, and the whole model at one party, take the same random ids: loss
 * and every gradient agree within 1e-4 of their scale. No private row is sent undefended.
 */
export async function splitOracle(
  context: RunContext,
  pipeline: PipelinePlan,
  judged: Judged,
): Promise<OracleResult> {
  const rows = syntheticRows(pipeline, judged);
  const bare = { ...pipeline, work: everythingTrains(pipeline), defenses: [] };
  const cut = await probe(context, bare, rows);
  const whole = await probe(context, uncut(bare), rows);
  const differences = [...whole.gradients].map(([name, tensor]) =>
    difference(cut.gradients.get(name), tensor),
  );
  const loss = Math.abs(cut.loss - whole.loss) / Math.max(1, Math.abs(whole.loss));
  const missing = [...cut.gradients.keys()].filter((name) => !whole.gradients.has(name)).length;
  const value = Math.max(loss, ...differences, missing);
  const text = `loss and ${whole.gradients.size} gradients, defenses off, random ids`;
  return {
    name: 'split-equals-unsplit',
    value,
    bound: splitBound,
    ok: value <= splitBound,
    n: whole.gradients.size,
    text,
  };
}

const probeWork: PipelinePlan['work'] = {
  kind: 'finetune',
  method: 'lora',
  params: {
    rank: 4,
    alpha: 8,
    epochs: 1,
    batch: 4,
    'learning-rate': 1e-4,
    'weight-decay': 0,
    slices: [],
    targets: [],
  },
};

/** The work of a pipeline with every slice trained, so that every gradient is compared. */
function everythingTrains({ work }: PipelinePlan): PipelinePlan['work'] {
  return work.kind === 'finetune' ? { ...work, params: { ...work.params, slices: [] } } : probeWork;
}

/** The same model at the data party alone, rounded where its slices were. */
function uncut(pipeline: PipelinePlan): PipelinePlan {
  const owner = at(pipeline.slices, 0).owner;
  return {
    ...pipeline,
    slices: [
      {
        name: 'whole',
        from: 'embed',
        to: 'output',
        owner,
        role: 'head',
        insteadOf: pipeline.slices,
      },
    ],
  };
}

async function probe(
  context: RunContext,
  pipeline: PipelinePlan,
  rows: readonly EncodedRow[],
): Promise<ProbeResult> {
  const world = await openWorld(context.hosts, {
    pipeline,
    places: context.places,
    threads: context.threads,
    probing: true,
  });
  try {
    const first = (await world.ask('probe', { step: 0, rows })) as ProbeResult;
    const gradients = new Map(first.gradients);
    await world.settle();
    for (const party of world.others) {
      for (const [name, tensor] of (await party.command('gradients')) as ReadonlyMap<
        string,
        FloatTensor
      >)
        gradients.set(name, tensor);
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
