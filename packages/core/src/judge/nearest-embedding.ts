import type { StoredWeight } from '../contract/index.js';
import type { Graph, Value } from '../graph/index.js';
import { compileGraph, type Session, type SessionOptions } from '../session/index.js';
import { asInt, type FloatTensor, floatTensor } from '../tensor/index.js';
import { Bug, present } from '../text/index.js';

/** Cosines held at once, of some positions with the whole vocabulary. */
const cosinesAtOnce = 2 ** 22;

/**
 * Reads tokens straight off what the head sent: the id whose embedding has the largest cosine with each position.
 * `messages` each `[batch, seq, hidden]`, `table` `[vocabulary, hidden]` → ids by message, row and position, ties to the
 * smaller id, id 0 for a vector of zeros. No optimisation and no knowledge of the blocks: what an inversion has to beat.
 * Throws VF975 if the widths differ.
 */
export async function nearestEmbedding(
  messages: readonly FloatTensor[],
  table: StoredWeight,
  options: SessionOptions = {},
): Promise<number[][][]> {
  const [vocabulary = 0, width = 0] = table.shape;
  for (const { shape } of messages) {
    if (shape[2] !== width)
      throw new Bug('VF975', `activations of width ${shape[2]}, embeddings of width ${width}`);
  }
  const session = await compileGraph(
    (g) => ({ ids: nearestRow(g, g.input('sent', 'float32', ['positions', width]), table) }),
    {},
    options,
  );
  const block = Math.max(1, Math.floor(cosinesAtOnce / Math.max(vocabulary, 1)));
  try {
    const read: number[][][] = [];
    for (const message of messages) read.push(await readMessage(session, message, block));
    return read;
  } finally {
    await session.close();
  }
}

// argmax_t x·e_t/‖e_t‖: the length of x does not change the order. An embedding of zeros has cosine 0 with everything.
function nearestRow(g: Graph, sent: Value, stored: StoredWeight): Value {
  const table = g.parameter('embedding', stored);
  const lengths = g.max(g.sqrt(g.sum(g.mul(table, table), [1])), 1e-30);
  return g.argMax(g.div(g.matMul(sent, table, { transB: true }), lengths), 1);
}

async function readMessage(
  session: Session,
  { shape: [batch = 0, length = 0, width = 0], data }: FloatTensor,
  block: number,
): Promise<number[][]> {
  const ids: number[] = [];
  for (let from = 0; from < batch * length; from += block) {
    const to = Math.min(from + block, batch * length);
    const sent = floatTensor([to - from, width], data.subarray(from * width, to * width));
    ids.push(...Array.from(asInt(present((await session.run({ sent })).ids)).data, Number));
  }
  return Array.from({ length: batch }, (_, row) => ids.slice(row * length, (row + 1) * length));
}
