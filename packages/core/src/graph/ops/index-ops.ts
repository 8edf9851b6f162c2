import type { GraphCore, Value } from '../graph.js';
import { normalAxis } from '../shapes.js';

/** Slices of `x` at `indices` (any shape) along `axis`: the indexed axis is replaced by the shape of `indices`. */
export function gather(g: GraphCore, x: Value, indices: Value, axis = 0): Value {
  const normal = normalAxis(axis, x.shape.length);
  const shape = [...x.shape.slice(0, normal), ...indices.shape, ...x.shape.slice(normal + 1)];
  return g.node('Gather', [x, indices], [{ dtype: x.dtype, shape }], { axis: normal })[0] as Value;
}

/** One element of `x` per element of `indices` (same rank) along `axis`. */
export function gatherElements(g: GraphCore, x: Value, indices: Value, axis: number): Value {
  const attributes = { axis: normalAxis(axis, x.shape.length) };
  return g.node(
    'GatherElements',
    [x, indices],
    [{ dtype: x.dtype, shape: indices.shape }],
    attributes,
  )[0] as Value;
}

/** `x` plus `updates` at `indices` along `axis` (same shape as `indices`); repeated indices add up. */
export function scatterElementsAdd(
  g: GraphCore,
  x: Value,
  indices: Value,
  options: { updates: Value; axis: number },
): Value {
  const attributes = { axis: normalAxis(options.axis, x.shape.length), reduction: 'add' };
  return g.node(
    'ScatterElements',
    [x, indices, options.updates],
    [{ dtype: x.dtype, shape: x.shape }],
    attributes,
  )[0] as Value;
}

/** `x` at index tuples `indices` `[..., k]` over its first k axes. */
export function gatherND(g: GraphCore, x: Value, indices: Value): Value {
  const depth = Number(indices.shape.at(-1));
  const shape = [...indices.shape.slice(0, -1), ...x.shape.slice(depth)];
  return g.node('GatherND', [x, indices], [{ dtype: x.dtype, shape }])[0] as Value;
}

/** `x` plus `updates` at index tuples; repeated tuples add up. */
export function scatterNDAdd(g: GraphCore, x: Value, indices: Value, updates: Value): Value {
  return g.node('ScatterND', [x, indices, updates], [{ dtype: x.dtype, shape: x.shape }], {
    reduction: 'add',
  })[0] as Value;
}
