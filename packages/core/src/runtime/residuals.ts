import type { HeadKnowledge, PipelinePlan, SeenMessage } from '../contract/index.js';
import type { ResidualOrder, ShownTokens } from '../run/index.js';
import { compileGraph, type Session } from '../session/index.js';
import { asFloat, type FloatTensor, floatTensor } from '../tensor/index.js';
import { at, present } from '../text/index.js';
import { readMessages } from './stored-messages.js';

/**
 * D(x) per text, message and shown row: mean squared difference, per real position and coordinate, between what the known head makes of
 * tokens x and what was sent. A known clip is applied to the former; coordinates that sparsification kept back don't count.
 */
export async function residuals(head: HeadKnowledge, order: ResidualOrder): Promise<number[][][]> {
  const messages = await readMessages(order.attack.activations);
  const session = await compileGraph((g) => {
    const tokens = g.input('tokens', 'float32', ['batch', 'seq', widthOf(head)]);
    return { hidden: head.forward(g, tokens, g.input('mask', 'int64', ['batch', 'seq'])) };
  });
  const bench = { head, session, pipeline: order.attack.pipeline };
  try {
    const results: number[][][] = [];
    for (const text of order.texts) results.push(await textResiduals(bench, messages, text));
    return results;
  } finally {
    await session.close();
  }
}

async function textResiduals(
  bench: Bench,
  messages: readonly SeenMessage[],
  text: ShownTokens,
): Promise<number[][]> {
  const results: number[][] = [];
  for (const [i, message] of messages.entries())
    results.push(await messageResiduals(bench, message, at(text, i)));
  return results;
}

interface Bench {
  readonly head: HeadKnowledge;
  readonly session: Session;
  readonly pipeline: PipelinePlan;
}

async function messageResiduals(
  { head, session, pipeline }: Bench,
  { tensor, mask }: SeenMessage,
  rows: readonly (readonly number[])[],
): Promise<number[]> {
  const [, width = 0, hidden = 0] = tensor.shape;
  const tokens = embed(head, rows, width);
  const made = asFloat(present((await session.run({ tokens, mask })).hidden, 'hidden'));
  const uses = pipeline.defenses
    .filter(({ point }) => point === 'forward-out')
    .flatMap(({ chain }) => chain);
  const clip = uses.find(({ id }) => id === 'dp');
  const sparse = uses.some(({ id }) => id === 'sparsify');
  return rows.map((_, row) => {
    const length = realPositions(mask.data, row, width);
    const size = length * hidden;
    const ours = made.data.slice(row * width * hidden, row * width * hidden + size);
    if (clip) clipTo(ours, Number(clip.params.clip), clip.params.mechanism === 'laplace');
    return meanSquare(
      ours,
      tensor.data.subarray(row * width * hidden, row * width * hidden + size),
      sparse,
    );
  });
}

function embed(
  head: HeadKnowledge,
  rows: readonly (readonly number[])[],
  width: number,
): FloatTensor {
  const size = widthOf(head);
  const data = new Float32Array(rows.length * width * size);
  rows.forEach((ids, row) => {
    ids.slice(0, width).forEach((id, s) => {
      data.set(head.embedding.data.subarray(id * size, (id + 1) * size), (row * width + s) * size);
    });
  });
  return floatTensor([rows.length, width, size], data);
}

/** Width of the token embeddings, which may be narrower than what the blocks pass on. */
function widthOf({ embedding }: HeadKnowledge): number {
  return at(embedding.shape, 1);
}

function realPositions(mask: BigInt64Array<ArrayBufferLike>, row: number, width: number): number {
  let count = 0;
  for (let s = 0; s < width; s++) count += Number(mask[row * width + s]);
  return count;
}

function clipTo(values: Float32Array, bound: number, absolute: boolean): void {
  const norm = absolute
    ? values.reduce((sum, x) => sum + Math.abs(x), 0)
    : Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));
  if (norm > bound)
    for (let i = 0; i < values.length; i++) values[i] = ((values[i] ?? 0) * bound) / norm;
}

function meanSquare(
  ours: Float32Array,
  sent: Float32Array<ArrayBufferLike>,
  sentOnly: boolean,
): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < ours.length; i++) {
    if (sentOnly && sent[i] === 0) continue;
    sum += ((ours[i] ?? 0) - (sent[i] ?? 0)) ** 2;
    count++;
  }
  return count === 0 ? 0 : sum / count;
}
