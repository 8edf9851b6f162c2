import type { AttackPlan, Message, PipelinePlan, SightKey } from '../contract/index.js';
import { isHeadTail, routeOf } from '../party/index.js';
import { draw } from '../tensor/index.js';
import { at } from '../text/index.js';
import {
  drawnRows,
  evaluationBatches,
  generationBatches,
  numberOf,
  trainingBatches,
  victimStream,
} from './schedule.js';

/** The rows of one pass that an attack is shown, by their place in the message and in the split. */
export interface RowPick {
  readonly step: number;
  /** Rows of the message. */
  readonly rows: readonly number[];
  /** The same rows in the split. */
  readonly dataRows: readonly number[];
}

/** Which messages an attack is shown. */
export interface Selection {
  readonly phase: Message['phase'];
  readonly picks: readonly RowPick[];
}

/** Sizes of the splits of a pipeline's rows. */
export interface SplitSizes {
  readonly train: number;
  readonly test: number;
}

/**
 * The seeded draw of an attack: single rows of the test split or of the prompts; whole messages of training (a batch is
 * what a message is), as many as hold the wanted number of rows.
 */
export function selectionOf(
  pipeline: PipelinePlan,
  attack: AttackPlan,
  sizes: SplitSizes,
): Selection {
  const random = victimStream(pipeline).stream(`attack/rows/${attack.adversary}/${attack.split}`);
  if (attack.split === 'train') return trainSelection(pipeline, attack, sizes.train);
  const rows = new Set(drawnRows(random, sizes.test, attack.samples));
  if (attack.split === 'generate') {
    const limit = numberOf(pipeline.task.params, 'max-tokens', 32);
    const picks = generationBatches(sizes.test).map((batch, i) =>
      pickFrom(batch, i * limit, (row) => rows.has(row)),
    );
    return { phase: 'generate', picks: picks.filter((pick) => pick.rows.length > 0) };
  }
  const picks = evaluationBatches(sizes.test).map((batch, step) =>
    pickFrom(batch, step, (row) => rows.has(row)),
  );
  return { phase: 'test', picks: picks.filter((pick) => pick.rows.length > 0) };
}

function trainSelection(
  pipeline: PipelinePlan,
  { adversary, samples }: AttackPlan,
  rows: number,
): Selection {
  const steps = trainingBatches(pipeline, rows);
  const order = draw(victimStream(pipeline).stream(`attack/rows/${adversary}/train`), steps.length);
  const picks: RowPick[] = [];
  let count = 0;
  for (const step of order) {
    if (count >= (samples ?? 100)) break;
    const pick = pickFrom(at(steps, step), step, () => true);
    count += pick.rows.length;
    picks.push(pick);
  }
  return { phase: 'train', picks: picks.sort((a, b) => a.step - b.step) };
}

function pickFrom(
  batch: readonly number[],
  step: number,
  isShown: (row: number) => boolean,
): RowPick {
  const rows = batch.flatMap((row, i) => (isShown(row) ? [i] : []));
  return { step, rows, dataRows: rows.map((i) => at(batch, i)) };
}

/** The message that carries one key of a View: who sends it to whom. Undefined where the topology has none. */
export function carrierOf(pipeline: PipelinePlan, key: SightKey): Carrier | undefined {
  const route = routeOf(pipeline);
  const { slices } = route;
  const [first, second] = [at(slices, 0), slices[1]];
  const [last, before] = [at(slices, slices.length - 1), slices[slices.length - 2]];
  if (!second || !before) return undefined;
  const headTail = isHeadTail(route);
  if (key === 'activations') return { from: first.name, to: second.name, kind: 'activation' };
  if (key === 'gradients')
    return headTail
      ? { from: first.name, to: last.name, kind: 'gradient' }
      : { from: last.name, to: before.name, kind: 'gradient' };
  if (key === 'responses')
    return headTail
      ? { from: last.name, to: first.name, kind: 'logits' }
      : { from: before.name, to: last.name, kind: 'activation' };
  return undefined;
}

/** A kind of message between two slices. */
export type Carrier = {
  readonly from: string;
  readonly to: string;
  readonly kind: Message['kind'];
};
