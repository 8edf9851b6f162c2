import { dimOf, type Graph, type Value } from '@vflair/core/graph';

/**
 * Rows `[batch, seq, groups·Σsizes]` in which each group has its parts one after the other → one Value per part,
 * `[batch, seq, groups·size]`.
 */
export function splitGroups(
  g: Graph,
  rows: Value,
  { groups, sizes }: { readonly groups: number; readonly sizes: readonly number[] },
): Value[] {
  if (groups === 1) return g.split(rows, sizes, -1);
  const [batch, seq] = [dimOf(rows, 0), dimOf(rows, 1)];
  const whole = sizes.reduce((sum, size) => sum + size, 0);
  const apart = g.reshape(rows, [batch, seq, groups, whole]);
  return g
    .split(apart, sizes, -1)
    .map((part, i) => g.reshape(part, [batch, seq, groups * (sizes[i] ?? 0)]));
}

/** The inverse of {@link splitGroups}: parts `[batch, seq, groups·size]` one after the other in each group. */
export function joinGroups(g: Graph, parts: readonly Value[], groups: number): Value {
  const [batch = 1, seq = 1] = parts[0]?.shape ?? [];
  const widths = parts.map((part) => Number(dimOf(part, 2)));
  const apart = parts.map((part, i) =>
    g.reshape(part, [batch, seq, groups, (widths[i] ?? 0) / groups]),
  );
  return g.reshape(g.concat(apart, -1), [
    batch,
    seq,
    widths.reduce((sum, width) => sum + width, 0),
  ]);
}
