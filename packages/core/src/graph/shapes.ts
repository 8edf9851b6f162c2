import { Bug } from '../text/index.js';
import type { Dim, Value } from './graph.js';

/** Shape of an elementwise result: axes aligned from the right, 1 stretches. Throws VF912 on a mismatch. */
export function broadcastShapes(a: readonly Dim[], b: readonly Dim[]): Dim[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const left = a[a.length - rank + i] ?? 1;
    const right = b[b.length - rank + i] ?? 1;
    if (left === right || right === 1) return left;
    if (left === 1) return right;
    throw new Bug('VF912', `shapes [${a.join(', ')}] and [${b.join(', ')}] do not broadcast`);
  });
}

/** `axis` counted from the front, for a tensor of `rank` axes. */
export function normalAxis(axis: number, rank: number): number {
  const normal = axis < 0 ? axis + rank : axis;
  if (normal < 0 || normal >= rank)
    throw new Bug('VF913', `axis ${axis} of a tensor with ${rank} axes`);
  return normal;
}

/** The size of one axis; throws VF913 outside the rank. */
export function dimOf(value: Value, axis: number): Dim {
  return value.shape[normalAxis(axis, value.shape.length)] ?? 1;
}

/** The size of one axis as a number; throws VF914 where it is only known at run time. */
export function staticDim(value: Value, axis: number): number {
  const dim = dimOf(value, axis);
  if (typeof dim !== 'number')
    throw new Bug('VF914', `axis ${axis} of \`${value.name}\` is \`${dim}\`, not a fixed size`);
  return dim;
}

/** Sum of two sizes, symbolic where either is. */
export function addDims(a: Dim, b: Dim): Dim {
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  if (a === 0) return b;
  if (b === 0) return a;
  return `${a}+${b}`;
}

/** Product of sizes, symbolic where any is. */
export function multiplyDims(dims: readonly Dim[]): Dim {
  const fixed = dims
    .filter((dim) => typeof dim === 'number')
    .reduce((product, size) => product * size, 1);
  const names = dims
    .filter((dim) => typeof dim === 'string')
    .map((name) => (/[+-]/.test(name) ? `(${name})` : name));
  if (names.length === 0) return fixed;
  return fixed === 1 ? names.join('*') : `${fixed}*${names.join('*')}`;
}
