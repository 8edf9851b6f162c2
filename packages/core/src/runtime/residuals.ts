import type {
  DefenseDefinition,
  Fields,
  HeadKnowledge,
  Params,
  SeenMessage,
} from '../contract/index.js';
import type { Library, ResidualOrder, ShownTokens } from '../run/index.js';
import { compileGraph, type Session } from '../session/index.js';
import { asFloat, type FloatTensor, floatTensor } from '../tensor/index.js';
import { at, present } from '../text/index.js';
import { readMessages } from './stored-messages.js';

/**
 * D(x) per text, message and shown row: mean squared difference, per real position and coordinate, between what was sent and what the
 * known head and the known defenses make of tokens x. Coordinates that a defense kept back don't count.
 */
export async function residuals(
  library: Library,
  head: HeadKnowledge,
  order: ResidualOrder,
): Promise<number[][][]> {
  const messages = await readMessages(order.attack.activations);
  const links = await linksBehindHead(library, order);
  const session = await compileGraph((g) => {
    const tokens = g.input('tokens', 'float32', ['batch', 'seq', widthOf(head)]);
    return { hidden: head.forward(g, tokens, g.input('mask', 'int64', ['batch', 'seq'])) };
  });
  const bench = { head, session, links };
  try {
    const results: number[][][] = [];
    for (const text of order.texts) results.push(await textResiduals(bench, messages, text));
    return results;
  } finally {
    await session.close();
  }
}

/** A defense of the channel, with its settings. */
interface Link {
  readonly defense: DefenseDefinition;
  readonly params: Params<Fields>;
}

function linksBehindHead(library: Library, { attack }: ResidualOrder): Promise<Link[]> {
  const uses = attack.pipeline.defenses
    .filter(({ point }) => point === 'forward-out')
    .flatMap(({ chain }) => chain);
  return Promise.all(
    uses.map(async ({ id, params }) => ({ defense: await library.defense(id), params })),
  );
}

interface Bench {
  readonly head: HeadKnowledge;
  readonly session: Session;
  readonly links: readonly Link[];
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

async function messageResiduals(
  { head, session, links }: Bench,
  message: SeenMessage,
  rows: readonly (readonly number[])[],
): Promise<number[]> {
  const { tensor: sent, mask } = message;
  const [, width = 0, hidden = 0] = sent.shape;
  const tokens = embed(head, rows, width);
  const made = asFloat(present((await session.run({ tokens, mask })).hidden, 'hidden'));
  const counted = new Uint8Array(made.data.length);
  mask.data.forEach((isReal, position) => {
    if (isReal === 1n) counted.fill(1, position * hidden, (position + 1) * hidden);
  });
  const ours = throughLinks(made, { links, message, counted });
  const size = width * hidden;
  return rows.map((_, row) =>
    meanSquare([ours.data, sent.data, counted], row * size, (row + 1) * size),
  );
}

interface Passage {
  readonly links: readonly Link[];
  readonly message: SeenMessage;
  /** 1 where a coordinate counts; what a defense kept back is taken out. */
  readonly counted: Uint8Array;
}

function throughLinks(made: FloatTensor, { links, message, counted }: Passage): FloatTensor {
  const { tensor: sent, mask, phase, step } = message;
  let ours = made;
  for (const { defense, params } of links) {
    const context = { params, point: 'forward-out', phase, step, mask } as const;
    const expectation = defense.expect?.(ours, sent, context);
    if (!expectation) continue;
    ours = expectation.tensor;
    expectation.told?.forEach((told, i) => {
      if (told === 0) counted[i] = 0;
    });
  }
  return ours;
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

/** Mean of (ours − sent)² over the counted elements from `start` to `end`; 0 where none counts. */
function meanSquare(
  [ours, sent, counted]: readonly [Float32Array, Float32Array, Uint8Array],
  start: number,
  end: number,
): number {
  let sum = 0;
  let count = 0;
  for (let i = start; i < end; i++) {
    if (counted[i] === 0) continue;
    sum += ((ours[i] ?? 0) - (sent[i] ?? 0)) ** 2;
    count++;
  }
  return count === 0 ? 0 : sum / count;
}
