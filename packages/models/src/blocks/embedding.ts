import type { EmbedInput } from '@vflair/core/contract';
import type { Value } from '@vflair/core/graph';

/**
 * Rows of the table stored under `key` at `ids`: `[batch, seq, hidden]`. Row `paddingRow` gets no gradient from here, as
 * with torch's `padding_idx`.
 */
export function embedding(
  { g, parameters }: EmbedInput,
  key: string,
  ids: Value,
  paddingRow?: number,
): Value {
  const packed = parameters.packedTable?.(key);
  if (packed) return g.gatherBlockQuantized(packed, ids);
  const found = g.gather(parameters.weight(key), ids);
  if (paddingRow === undefined || !parameters.trains(key)) return found;
  return g.where(g.unsqueeze(g.equal(ids, paddingRow), [-1]), g.stopGradient(found), found);
}
