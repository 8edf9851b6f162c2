import { draw } from '../tensor/index.js';
import { at } from '../text/index.js';
import type { AttackJob } from './attack-job.js';
import type { RunContext } from './context.js';
import { openWorld } from './hub.js';
import type { StoredMessage } from './orders.js';
import { attackerStream, evaluationBatch } from './schedule.js';
import { carrierOf, type RowPick } from './selection.js';
import { attackKey } from './stage.js';
import { Tap } from './tap.js';

/**
 * Gradients that the victim would send if its labels were permuted among the picked rows, from parties of their own that
 * don't train: an attack on these may know nothing of the real labels.
 */
export async function permutedLabelGradients(
  context: RunContext,
  job: AttackJob,
  picks: readonly RowPick[],
): Promise<StoredMessage[]> {
  const { pipeline, stage, judged } = job;
  const rows = picks.flatMap(({ dataRows }) => dataRows.map((row) => at(judged.rows.train, row)));
  const order = draw(attackerStream(pipeline).stream('permuted-labels'), rows.length);
  const permuted = rows.map((row, i) => ({ ...row, label: at(rows, at(order, i)).label }));
  const carrier = carrierOf(pipeline, 'gradients');
  const name = `decoy-${attackKey(pipeline, job.attack)}`;
  const tap = new Tap(
    name,
    context.folder.path('stages', stage.key),
    ({ kind, from, to }) => kind === 'gradient' && from === carrier?.from && to === carrier.to,
  );
  const world = await openWorld(
    context.hosts,
    { pipeline, places: context.places, threads: context.threads, probing: true },
    { tap },
  );
  try {
    for (let step = 0; step * evaluationBatch < permuted.length; step++) {
      await world.ask('probe', {
        step,
        rows: permuted.slice(step * evaluationBatch, (step + 1) * evaluationBatch),
      });
      await world.settle();
    }
  } finally {
    await world.close();
  }
  const entries = (await tap.finish()).filter(({ file }) => file !== '');
  return entries.map(({ step, file, shape }) => {
    const shown = permuted.slice(step * evaluationBatch, (step + 1) * evaluationBatch);
    return {
      phase: 'train',
      step,
      file: context.folder.path('stages', stage.key, file),
      shape,
      rows: shown.map((_, i) => i),
      lengths: shown.map(({ ids }) => ids.length),
    };
  });
}
