import type { FloatTensor } from '../tensor/index.js';
import { Bug } from '../text/index.js';

/**
 * Reads tokens straight off what the head sent: the id whose embedding has the largest cosine with each position.
 * `activations` `[batch, seq, hidden]`, `table` `[vocabulary, hidden]` → ids by row and position, ties to the smaller
 * id, id 0 for a vector of zeros. No optimisation and no knowledge of the blocks: what an inversion has to beat.
 * Throws VF975 if the widths differ.
 */
export function nearestEmbedding(activations: FloatTensor, table: FloatTensor): number[][] {
  const [batch = 0, length = 0, hidden = 0] = activations.shape;
  const [vocabulary = 0, width = 0] = table.shape;
  if (hidden !== width) {
    throw new Bug('VF975', `activations of width ${hidden}, embeddings of width ${width}`);
  }
  const directions = unitRows(table.data, vocabulary, hidden);
  const best = new Int32Array(batch * length);
  const score = new Float64Array(batch * length).fill(Number.NEGATIVE_INFINITY);
  // Ids outside, positions inside: each embedding is read once per block of activations that stays in the cache.
  const block = Math.max(1, Math.floor(65536 / Math.max(hidden, 1)));
  for (let from = 0; from < best.length; from += block) {
    const to = Math.min(from + block, best.length);
    for (let id = 0; id < vocabulary; id++) {
      const offset = id * hidden;
      for (let position = from; position < to; position++) {
        const start = position * hidden;
        let dot = 0;
        for (let k = 0; k < hidden; k++) {
          dot += (activations.data[start + k] ?? 0) * (directions[offset + k] ?? 0);
        }
        if (dot > (score[position] ?? 0)) {
          score[position] = dot;
          best[position] = id;
        }
      }
    }
  }
  return Array.from({ length: batch }, (_, row) => [
    ...best.subarray(row * length, (row + 1) * length),
  ]);
}

// The length of an activation does not change its order of cosines, so only the table is scaled.
function unitRows(data: Float32Array, rows: number, width: number): Float32Array {
  const unit = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++) {
    const source = data.subarray(row * width, (row + 1) * width);
    const length = Math.sqrt(source.reduce((sum, x) => sum + x * x, 0));
    if (length > 0)
      unit.set(
        source.map((x) => x / length),
        row * width,
      );
  }
  return unit;
}
