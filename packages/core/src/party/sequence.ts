import type { Tensors } from '../contract/index.js';
import type { Slice } from '../session/index.js';
import { asFloat, type FloatTensor, floatTensor, intTensor } from '../tensor/index.js';
import { present } from '../text/index.js';

/** Keys and values of one sequence so far, by cache input name: `[1, past, width]` each. */
export type SequenceCache = ReadonlyMap<string, FloatTensor>;

/** Runs new positions of one sequence after its cached rows; gives the result and the grown cache. */
export async function continueSequence(
  slice: Slice,
  before: SequenceCache | undefined,
  inputs: Tensors,
): Promise<{ readonly result: FloatTensor; readonly cache: SequenceCache }> {
  const past = before ?? emptyCache(slice);
  const length = past.values().next().value?.shape[1] ?? 0;
  const results = await slice.step({
    ...inputs,
    ...Object.fromEntries(past),
    'past.mask': intTensor(
      [1, length],
      Array.from({ length }, () => 1),
    ),
  });
  const cache = new Map(
    [...past].map(([name, rows]) => {
      const added = present(results[name.replace('past.', '')], name);
      return [name, joined(rows, asFloat(added))] as const;
    }),
  );
  return { result: asFloat(present(results.result, 'result')), cache };
}

/** Logits of the last position: `[1, seq, vocabulary]` → `[1, 1, vocabulary]`. */
export function lastRow(logits: FloatTensor): FloatTensor {
  const width = present(logits.shape[2], 'vocabulary');
  return floatTensor([1, 1, width], logits.data.slice(logits.data.length - width));
}

function joined(rows: FloatTensor, added: FloatTensor): FloatTensor {
  const width = present(rows.shape[2], 'width');
  const data = new Float32Array(rows.data.length + added.data.length);
  data.set(rows.data);
  data.set(added.data, rows.data.length);
  return floatTensor([1, data.length / width, width], data);
}

function emptyCache({ part, spec }: Slice): SequenceCache {
  const blocks = Array.from({ length: part.end - part.first }, (_, i) => part.first + i);
  const none = (): FloatTensor => floatTensor([1, 0, spec.cacheWidth], new Float32Array());
  const names = blocks.flatMap((block) => [`past.key.${block}`, `past.value.${block}`]);
  return new Map(names.map((name) => [name, none()]));
}
