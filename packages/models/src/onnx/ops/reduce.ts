import type { Call, Operator } from '../call.js';

const reduced =
  (name: 'sum' | 'mean' | 'reduceMax'): Operator =>
  (call) => {
    const x = call.value(0);
    const axes = axesOf(call, x.shape.length);
    return axes === undefined ? x : call.g[name](x, axes, call.number('keepdims', 1) !== 0);
  };

/** Axes to reduce; undefined where an empty list means none. */
function axesOf(call: Call, rank: number): readonly number[] | undefined {
  const axes = call.listAt(1, 'axes');
  if (axes !== undefined && axes.length > 0) return axes;
  if (call.number('noop_with_empty_axes', 0) !== 0) return undefined;
  return Array.from({ length: rank }, (_, axis) => axis);
}

// √Σx².
const ReduceL2: Operator = (call) => {
  const x = call.value(0);
  const axes = axesOf(call, x.shape.length);
  if (axes === undefined) return call.g.abs(x);
  return call.g.sqrt(call.g.sum(call.g.mul(x, x), axes, call.number('keepdims', 1) !== 0));
};

const CumSum: Operator = (call) => {
  if (call.number('exclusive', 0) !== 0 || call.number('reverse', 0) !== 0)
    throw call.fail('it counts backwards or without the element itself');
  const [axis] = call.numbers(1);
  return call.g.cumSum(call.value(0), axis ?? 0);
};

const ArgMax: Operator = (call) => {
  const x = call.value(0);
  if (call.number('select_last_index', 0) !== 0) throw call.fail('it takes the last of equals');
  const axis = call.axis(x.shape.length, 0);
  const found = call.g.argMax(x, axis);
  return call.number('keepdims', 1) !== 0 ? call.g.unsqueeze(found, [axis]) : found;
};

/** Operators that take an axis together. */
export const reduce: { readonly [op: string]: Operator } = {
  ReduceSum: reduced('sum'),
  ReduceMean: reduced('mean'),
  ReduceMax: reduced('reduceMax'),
  ReduceL2,
  CumSum,
  ArgMax,
};
