import type { RowKey, SeenMessage, TokenGuess } from '@vflair/core/contract';
import { type FloatTensor, floatTensor, type IntTensor, intTensor } from '@vflair/core/tensor';
import { at } from '@vflair/core/text';

/** A stretch of one row of a batch, and the row of the message it came with. */
export interface Stretch extends RowKey {
  readonly from: number;
  readonly to: number;
}

/** Texts as the model party saw them: `tensor` `[batch, seq, hidden]`, `mask` int64 `[batch, seq]`. */
export interface SeenBatch {
  readonly tensor: FloatTensor;
  readonly mask: IntTensor;
  /** Whether it was sent position by position, so that each position was defended on its own. */
  readonly generated: boolean;
  /** What each row is made of. */
  readonly rows: readonly (readonly Stretch[])[];
}

/**
 * Messages as texts: a message of training or test is a batch; the messages of one request at generation, prompt first,
 * are one row. The order of first messages is kept.
 */
export function seenBatches(messages: readonly SeenMessage[]): SeenBatch[] {
  const groups = Map.groupBy(messages, ({ phase, step, request }) =>
    phase === 'generate' && request !== undefined ? `request ${request}` : `${phase} ${step}`,
  );
  return [...groups.values()].map((group) =>
    group.length === 1 ? alone(at(group, 0)) : joined(group),
  );
}

function alone({ phase, step, tensor, mask }: SeenMessage): SeenBatch {
  const [batch = 0, length = 0] = mask.shape;
  const rows = Array.from({ length: batch }, (_, row) => [{ step, row, from: 0, to: length }]);
  return { tensor, mask, generated: phase === 'generate', rows };
}

function joined(parts: readonly SeenMessage[]): SeenBatch {
  let length = 0;
  const stretches = parts.map(({ step, mask }): Stretch => {
    const from = length;
    length += mask.data.length;
    return { step, row: 0, from, to: length };
  });
  const hidden = at(parts, 0).tensor.shape[2] ?? 0;
  const data = new Float32Array(length * hidden);
  const mask = new BigInt64Array(length);
  parts.forEach((part, i) => {
    data.set(part.tensor.data, at(stretches, i).from * hidden);
    mask.set(part.mask.data, at(stretches, i).from);
  });
  return {
    tensor: floatTensor([1, length, hidden], data),
    mask: intTensor([1, length], mask),
    generated: true,
    rows: [stretches],
  };
}

/** Rows of several batches as one, and which of them each row is of. */
export interface GatheredBatch extends SeenBatch {
  readonly from: readonly number[];
}

/** Positions of a gathered batch: products this tall keep the cores busy, taller ones only take more memory. */
const positionsAtOnce = 512;

/** Batches put together where rows have one length, each in one piece: what is done row by row takes fewer runs then. */
export function gatherBatches(batches: readonly SeenBatch[]): GatheredBatch[] {
  const alike = Map.groupBy(
    batches.keys(),
    (i) => `${at(batches, i).generated} ${at(batches, i).mask.shape[1]}`,
  );
  return [...alike.values()]
    .flatMap((group) => inPieces(batches, group))
    .map((group) => {
      const picks = group.flatMap((i) =>
        [...at(batches, i).rows.keys()].map((row) => ({ batch: at(batches, i), row, i })),
      );
      return { ...stackRows(picks), from: picks.map(({ i }) => i) };
    });
}

/** Numbers of batches in groups of as many positions as are searched at once; a larger batch is alone. */
function inPieces(batches: readonly SeenBatch[], group: readonly number[]): number[][] {
  const pieces: number[][] = [];
  let size = 0;
  for (const i of group) {
    const own = at(batches, i).mask.data.length;
    const last = pieces.at(-1);
    if (last && size + own <= positionsAtOnce) last.push(i);
    else pieces.push([i]);
    size = last && size + own <= positionsAtOnce ? size + own : own;
  }
  return pieces;
}

/** Rows of batches of one length and kind, at least one, as a batch. */
export function stackRows(
  picks: readonly { readonly batch: SeenBatch; readonly row: number }[],
): SeenBatch {
  const { tensor, generated } = at(picks, 0).batch;
  const [, length = 0, width = 0] = tensor.shape;
  const data = new Float32Array(picks.length * length * width);
  const real = new BigInt64Array(picks.length * length);
  picks.forEach(({ batch, row }, i) => {
    const places = [row * length, (row + 1) * length] as const;
    data.set(batch.tensor.data.subarray(places[0] * width, places[1] * width), i * length * width);
    real.set(batch.mask.data.subarray(...places), i * length);
  });
  return {
    tensor: floatTensor([picks.length, length, width], data),
    mask: intTensor([picks.length, length], real),
    generated,
    rows: picks.map(({ batch, row }) => at(batch.rows, row)),
  };
}

/** Positions of a row that hold a token. */
export function realPositions({ mask }: SeenBatch, row: number): number[] {
  const length = mask.shape[1] ?? 0;
  return Array.from({ length }, (_, s) => s).filter((s) => mask.data[row * length + s] === 1n);
}

/** What one row was found to be, and how well each position matches (0 at padding). */
export interface FoundRow {
  readonly tokens: readonly number[];
  readonly distances: ArrayLike<number>;
  readonly margins?: readonly number[];
}

/** The guesses about the messages a row came with; residuals are means over the positions that hold a token. */
export function guessesOf(batch: SeenBatch, row: number, found: FoundRow): TokenGuess[] {
  const real = realPositions(batch, row);
  return at(batch.rows, row).map(({ step, row: key, from, to }) => {
    const inside = real.filter((s) => s >= from && s < to);
    const sum = inside.reduce((total, s) => total + (found.distances[s] ?? 0), 0);
    const margins = inside.map((s) => found.margins?.[s] ?? Number.POSITIVE_INFINITY);
    const margin = Math.min(...margins);
    return {
      step,
      row: key,
      tokens: found.tokens.slice(from, to),
      residual: sum / Math.max(inside.length, 1),
      ...(Number.isFinite(margin) ? { margin } : {}),
    };
  });
}
