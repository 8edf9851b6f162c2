import type { PipelinePlan } from '../contract/index.js';
import { batchesOf } from '../party/index.js';
import { draw, type Random, randomStream } from '../tensor/index.js';

/** Rows per message when nothing is trained. */
export const evaluationBatch = 16;

/** Prompts that are continued together. */
const generationBatch = 8;

/** The victim's root stream: everything private draws from it. */
export function victimStream(pipeline: PipelinePlan): Random {
  return randomStream(`vflair/victim/${pipeline.seed}`);
}

/** Root of everything an adversary draws from: a name of its own, from which the victim's can't be reached. */
export function attackerStream(pipeline: PipelinePlan): Random {
  return randomStream(`vflair/attacker/${pipeline.seed}`);
}

/** A number among a statement's parameters, or `fallback`. */
export function numberOf(
  params: { readonly [name: string]: unknown },
  name: string,
  fallback: number,
): number {
  const value = params[name];
  return typeof value === 'number' ? value : fallback;
}

/**
 * Row indices of every training step: each epoch is a fresh shuffle, cut into batches; a fraction of an epoch takes that
 * share of its batches, rounded up.
 */
export function trainingBatches(pipeline: PipelinePlan, rows: number): number[][] {
  if (pipeline.work.kind !== 'finetune') return [];
  const { params } = pipeline.work;
  const epochs = numberOf(params, 'epochs', 1);
  const order = victimStream(pipeline).stream('train/order');
  const steps: number[][] = [];
  for (let epoch = 0; epoch < epochs; epoch++) {
    const batches = batchesOf(draw(order.stream(epoch), rows), numberOf(params, 'batch', 16));
    const share = Math.min(1, epochs - epoch);
    steps.push(...batches.slice(0, Math.ceil(share * batches.length)));
  }
  return steps;
}

/** Row indices of every evaluation pass, in the order of the rows. */
export function evaluationBatches(rows: number): number[][] {
  return batchesOf(
    Array.from({ length: rows }, (_, i) => i),
    evaluationBatch,
  );
}

/** Row indices of prompts that are continued together, in the order of the rows. */
export function generationBatches(rows: number): number[][] {
  return batchesOf(
    Array.from({ length: rows }, (_, i) => i),
    generationBatch,
  );
}

/** A seeded draw of at most `samples` of `rows` rows (100 when null), ascending. */
export function drawnRows(random: Random, rows: number, samples: number | null): number[] {
  return draw(random, rows, samples ?? 100).sort((a, b) => a - b);
}
