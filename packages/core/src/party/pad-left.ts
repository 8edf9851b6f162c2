import type { ModelSpec } from '../contract/index.js';
import { intTensor } from '../tensor/index.js';
import type { Batch } from './pass.js';

/**
 * Rows padded on the left to the longest, so that what follows stands in one column; an empty row is all padding.
 * Positions count real tokens only: padding moves nothing.
 */
export function padLeft(rows: readonly (readonly number[])[], spec: ModelSpec): Batch {
  const width = Math.max(1, ...rows.map(({ length }) => length));
  const table = (value: (row: readonly number[], place: number) => number) =>
    intTensor(
      [rows.length, width],
      rows.flatMap((row) =>
        Array.from({ length: width }, (_, i) => value(row, i - width + row.length)),
      ),
    );
  return {
    ids: table((row, place) => row[place] ?? spec.padToken ?? 0),
    mask: table((_, place) => Number(place >= 0)),
    positions: table((_, place) => Math.max(0, place)),
    types: table(() => 0),
    pooled: intTensor(
      [rows.length],
      rows.map(() => width - 1),
    ),
  };
}
