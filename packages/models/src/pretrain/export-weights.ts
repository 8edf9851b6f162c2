import type { FloatTensor } from '@vflair/core/tensor';
import { finding } from '@vflair/core/text';
import { floatToHalf } from '../weights/float16.js';
import { writeSafetensors } from '../weights/write-safetensors.js';

/**
 * Writes weights in float16. Raises VF518 where float16 cannot hold a value, VF570 where the file cannot be written,
 * VF549 where two rows of `table` are equal after rounding: tokens could then not be told apart.
 */
export function exportHalf(
  file: string,
  weights: ReadonlyMap<string, FloatTensor>,
  { table, metadata }: { table: string; metadata: { readonly [key: string]: string } },
): void {
  const embedding = weights.get(table);
  const twins = embedding && equalRows(embedding);
  if (twins) {
    throw finding(
      'VF549',
      `rows ${twins[0]} and ${twins[1]} of \`${table}\` are the same in float16`,
      'train longer, or store the table as float32',
    );
  }
  writeSafetensors(file, weights, { dtype: () => 'F16', metadata });
}

/** The first two rows of a table `[rows, width]` that are equal after rounding to float16. */
export function equalRows({ shape, data }: FloatTensor): readonly [number, number] | undefined {
  const width = shape[1] ?? 1;
  const seen = new Map<string, number>();
  for (let row = 0; row * width < data.length; row++) {
    const key = Uint16Array.from(data.subarray(row * width, (row + 1) * width), floatToHalf).join();
    const other = seen.get(key);
    if (other !== undefined) return [other, row];
    seen.set(key, row);
  }
  return undefined;
}
