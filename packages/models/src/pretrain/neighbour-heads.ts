import type { FloatTensor } from '@vflair/core/tensor';
import { Bug } from '@vflair/core/text';
import { angleOf } from './sinusoids.js';

/** Query and key map of one attention, both stored as `[out, in]` with one block of `headSize` rows per head. */
export interface AttentionMaps {
  readonly query: FloatTensor;
  readonly key: FloatTensor;
  readonly headSize: number;
}

/** Size of the entries: by position alone a neighbour then gets most of a head's attention. */
const STRENGTH = 1.5;

/**
 * Makes head h look `offsets[h]` positions further (negative: back) on sinusoidal positions whose fastest pair turns by
 * `fastest`: key = c·x and query = c·(x turned by the offset), both on the first `headSize` columns, so that
 * q·k = c²·Σ cos ω(i + δ − j) is largest at j = i + δ. Heads beyond the list stay as they are. A masked model otherwise
 * rests for long at the frequencies of tokens before it finds that neighbours tell anything.
 */
export function lookAtNeighbours(
  { query, key, headSize }: AttentionMaps,
  offsets: readonly number[],
  fastest: number,
): void {
  const width = query.shape[1] ?? 0;
  if (offsets.length * headSize > (query.shape[0] ?? 0) || headSize > width)
    throw new Bug('VF907', `${offsets.length} heads of ${headSize} do not fit [${query.shape}]`);
  offsets.forEach((offset, head) => {
    for (let column = 0; column < headSize; column++) {
      const row = (head * headSize + column) * width;
      query.data.fill(0, row, row + width);
      key.data.fill(0, row, row + width);
      key.data[row + column] = STRENGTH;
      // sin ω(i+δ) = cos ωδ·sin ωi + sin ωδ·cos ωi;  cos ω(i+δ) = cos ωδ·cos ωi − sin ωδ·sin ωi.
      const turn = offset * angleOf(column, width, fastest);
      const [partner, sign] = column % 2 === 0 ? [column + 1, 1] : [column - 1, -1];
      query.data[row + column] = STRENGTH * Math.cos(turn);
      query.data[row + partner] = sign * STRENGTH * Math.sin(turn);
    }
  });
}
