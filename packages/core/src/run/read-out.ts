import { askWorker } from './ask-worker.js';
import type { AttackJob } from './attack-job.js';
import { storedMessages } from './attack-order.js';
import type { RunContext } from './context.js';
import type { ReadOutOrder } from './orders.js';
import { selectionOf } from './selection.js';

/** Tokens read off without optimisation, by message that an attack is shown, row and position. */
export type ReadOut = readonly (readonly (readonly number[])[])[];

/**
 * The token nearest to each position of what an attack on tokens is shown: once for all its forms, since it takes
 * tokens × vocabulary × width products. Empty for other attacks, and where embeddings are narrower than what is sent.
 */
export async function readOut(context: RunContext, job: AttackJob): Promise<ReadOut> {
  const { pipeline, attack, judged, definition } = job;
  if (definition.guesses !== 'tokens') return [];
  const { spec } = judged.model;
  const table = spec.parameters.find(({ key }) => key === spec.embeddingKey);
  if (table?.shape[1] !== spec.hidden) return [];
  const { picks } = selectionOf(pipeline, attack, judged.sizes);
  const activations = storedMessages(context, job, { key: 'activations', picks });
  if (activations.length === 0) return [];
  const { places, threads } = context;
  const order: ReadOutOrder = { kind: 'read-out', pipeline, places, threads, activations };
  return (await askWorker(context, order, 'reading off nearest embeddings')) as number[][][];
}
