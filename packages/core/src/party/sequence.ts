import type { Tensors } from '../contract/index.js';
import { cacheEntries, type Slice } from '../session/index.js';
import {
  appended,
  asFloat,
  type FloatTensor,
  floatTensor,
  type IntTensor,
  intTensor,
  zeros,
} from '../tensor/index.js';
import { present } from '../text/index.js';

/** What the blocks of a slice remember of one sequence, by graph input, and how many positions that is. */
export interface SequenceCache {
  readonly length: number;
  readonly tensors: ReadonlyMap<string, FloatTensor>;
}

/** Runs new positions of one sequence after its cached rows; gives the result and the grown cache. */
export async function continueSequence(
  slice: Slice,
  before: SequenceCache | undefined,
  inputs: Tensors,
): Promise<{ readonly result: FloatTensor; readonly cache: SequenceCache }> {
  const { length, tensors } = before ?? emptyCache(slice);
  const mask = present(inputs.mask, 'mask');
  const seen = Array.from({ length }, () => 1);
  const results = await slice.step({
    ...inputs,
    positions: positionsAfter(length, mask.shape),
    ...Object.fromEntries(tensors),
    'past.mask': intTensor([1, length], seen),
  });
  const grown = cacheEntries(slice.spec, slice.part).map(({ entry, past, fresh }) => {
    const added = asFloat(present(results[fresh], fresh));
    const all = entry.kind === 'state' ? added : appended(present(tensors.get(past), past), added);
    return [past, all] as const;
  });
  const cache = { length: length + (mask.shape[1] ?? 0), tensors: new Map(grown) };
  return { result: asFloat(present(results.result, 'result')), cache };
}

/** Places of positions that follow `past` earlier ones: int64 `[batch, seq]`. */
export function positionsAfter(past: number, [batch = 0, seq = 0]: readonly number[]): IntTensor {
  return intTensor(
    [batch, seq],
    Array.from({ length: batch * seq }, (_, i) => past + (i % seq)),
  );
}

/** Logits of the last position: `[1, seq, vocabulary]` → `[1, 1, vocabulary]`. */
export function lastRow(logits: FloatTensor): FloatTensor {
  const width = present(logits.shape[2], 'vocabulary');
  return floatTensor([1, 1, width], logits.data.slice(logits.data.length - width));
}

function emptyCache({ part, spec }: Slice): SequenceCache {
  const none = cacheEntries(spec, part).map(({ entry, past }) => {
    const shape = entry.kind === 'rows' ? [1, 0, ...entry.shape] : [1, ...entry.shape];
    return [past, zeros(shape)] as const;
  });
  return { length: 0, tensors: new Map(none) };
}
