import type { Dim, GraphCore, Value } from '../graph.js';
import { normalAxis } from '../shapes.js';
import { ints, scalar } from './constant.js';

function reduce(
  g: GraphCore,
  op: string,
  x: Value,
  options: { axes: readonly number[]; keep: boolean },
): Value {
  const axes = options.axes.map((axis) => normalAxis(axis, x.shape.length));
  if (axes.length === 0) return x;
  const shape: Dim[] = options.keep
    ? x.shape.map((dim, i) => (axes.includes(i) ? 1 : dim))
    : x.shape.filter((_, i) => !axes.includes(i));
  return g.node(op, [x, ints(g, axes)], [{ dtype: x.dtype, shape }], {
    keepdims: Number(options.keep),
  })[0] as Value;
}

const all = (x: Value): number[] => x.shape.map((_, i) => i);

/** Σ over `axes` (all when absent), which stay as size 1 when `keep`. */
export const sum = (
  g: GraphCore,
  x: Value,
  axes: readonly number[] = all(x),
  keep = false,
): Value => reduce(g, 'ReduceSum', x, { axes, keep });
/** Mean over `axes` (all when absent). */
export const mean = (
  g: GraphCore,
  x: Value,
  axes: readonly number[] = all(x),
  keep = false,
): Value => reduce(g, 'ReduceMean', x, { axes, keep });
/** Maximum over `axes`; its gradient is blocked. */
export const reduceMax = (g: GraphCore, x: Value, axes: readonly number[], keep = false): Value =>
  reduce(g, 'ReduceMax', x, { axes, keep });

/** Σ of the elements along `axis` up to and with each one: the shape of `x`. */
export function cumSum(g: GraphCore, x: Value, axis: number): Value {
  const normal = normalAxis(axis, x.shape.length);
  const place = scalar(g, normal, 'int64');
  return g.node('CumSum', [x, place], [{ dtype: x.dtype, shape: x.shape }])[0] as Value;
}

/** The `count` largest elements along the last axis, in descending order, and their indices (int64). */
export function topK(g: GraphCore, x: Value, count: number): [Value, Value] {
  const shape = [...x.shape.slice(0, -1), count];
  const results = [
    { dtype: x.dtype, shape },
    { dtype: 'int64' as const, shape },
  ];
  return g.node('TopK', [x, ints(g, [count])], results) as [Value, Value];
}

/** Index of the largest element along `axis`, the first of equals: int64 without that axis. */
export function argMax(g: GraphCore, x: Value, axis: number): Value {
  const normal = normalAxis(axis, x.shape.length);
  const shape = x.shape.filter((_, i) => i !== normal);
  return g.node('ArgMax', [x], [{ dtype: 'int64', shape }], {
    axis: normal,
    keepdims: 0,
  })[0] as Value;
}
