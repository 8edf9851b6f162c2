import { at, Bug } from '../../text/index.js';
import type { Dim, GraphCore, Value } from '../graph.js';
import { addDims, dimOf, multiplyDims, normalAxis } from '../shapes.js';
import { ints, scalar } from './constant.js';
import { add, identity, mul, sub } from './elementwise.js';

/** The sizes of `x` as int64 `[rank]`. */
export function shapeOf(g: GraphCore, x: Value): Value {
  return g.node('Shape', [x], [{ dtype: 'int64', shape: [x.shape.length] }])[0] as Value;
}

/** The size of one axis of `x` as int64 `[1]`; a constant where it is known. */
export function sizeAt(g: GraphCore, x: Value, axis: number): Value {
  const normal = normalAxis(axis, x.shape.length);
  const dim = at(x.shape, normal);
  if (typeof dim === 'number') return ints(g, [dim]);
  const attributes = { start: normal, end: normal + 1 };
  return g.node('Shape', [x], [{ dtype: 'int64', shape: [1] }], attributes)[0] as Value;
}

/** A size by name as int64 `[1]`: a name of the graph's inputs, or sums, differences and products of such. */
export function sizeNamed(g: GraphCore, dim: Dim): Value {
  if (typeof dim === 'number') return ints(g, [dim]);
  const source = g.sizeSource(dim);
  if (source) return sizeAt(g, source.of, source.axis);
  const terms = dim.split(/(?=[+-])/);
  if (dim.includes('(') || (terms.length < 2 && !dim.includes('*')))
    throw new Bug('VF916', `size \`${dim}\` is carried by no input`);
  const values = terms.map((term) => product(g, term.replace(/^[+-]/, '').split('*')));
  return values.reduce((sum, value, i) =>
    at(terms, i).startsWith('-') ? sub(g, sum, value) : add(g, sum, value),
  );
}

function product(g: GraphCore, factors: readonly string[]): Value {
  const sizes = factors.map((factor) =>
    sizeNamed(g, /^\d+$/.test(factor) ? Number(factor) : factor),
  );
  return sizes.reduce((result, size) => mul(g, result, size));
}

/** `x` with the sizes `dims`, same elements in the same order. */
export function reshape(g: GraphCore, x: Value, dims: readonly Dim[]): Value {
  const result = [{ dtype: x.dtype, shape: dims }];
  // A 0 among the sizes means "as in x" to ONNX unless it is told otherwise.
  if (dims.includes(0)) {
    const sizes = dims.map((dim) => sizeNamed(g, dim));
    return g.node('Reshape', [x, concat(g, sizes, 0)], result, { allowzero: 1 })[0] as Value;
  }
  return g.node('Reshape', [x, reshapeTarget(g, x, dims)], result)[0] as Value;
}

function reshapeTarget(g: GraphCore, x: Value, dims: readonly Dim[]): Value {
  const symbolic = dims.filter((dim) => typeof dim === 'string').length;
  if (symbolic <= 1)
    return ints(
      g,
      dims.map((dim) => (typeof dim === 'number' ? dim : -1)),
    );
  // 0 means "as in x at the same place".
  const isKept = dims.map((dim, i) => dim === x.shape[i]);
  if (dims.filter((dim, i) => typeof dim === 'string' && !isKept[i]).length <= 1) {
    return ints(
      g,
      dims.map((dim, i) => (isKept[i] ? 0 : typeof dim === 'number' ? dim : -1)),
    );
  }
  const last = dims.findLastIndex((dim) => typeof dim === 'string');
  return concat(
    g,
    dims.map((dim, i) => (i === last ? ints(g, [-1]) : sizeNamed(g, dim))),
    0,
  );
}

/** `x` with the sizes of `like`. */
export function reshapeLike(g: GraphCore, x: Value, like: Value): Value {
  const symbolic = like.shape.filter((dim) => typeof dim === 'string').length;
  if (symbolic <= 1) return reshape(g, x, like.shape);
  return g.node('Reshape', [x, shapeOf(g, like)], [{ dtype: x.dtype, shape: like.shape }], {
    allowzero: 1,
  })[0] as Value;
}

/** `x` with its axes in the order `order`. */
export function transpose(g: GraphCore, x: Value, order: readonly number[]): Value {
  const shape = order.map((axis) => dimOf(x, axis));
  return g.node('Transpose', [x], [{ dtype: x.dtype, shape }], { perm: order })[0] as Value;
}

/** `x` with its last two axes exchanged. */
export function swapLast2(g: GraphCore, x: Value): Value {
  const rank = x.shape.length;
  const order = Array.from({ length: rank }, (_, i) => (i < rank - 2 ? i : 2 * rank - 3 - i));
  return transpose(g, x, order);
}

/** The parts one after another along `axis`. */
export function concat(g: GraphCore, parts: readonly Value[], axis: number): Value {
  const first = at(parts, 0);
  const normal = normalAxis(axis, first.shape.length);
  const total = parts.map((part) => dimOf(part, normal)).reduce(addDims);
  const shape = first.shape.map((dim, i) => (i === normal ? total : dim));
  return g.node('Concat', parts, [{ dtype: first.dtype, shape }], { axis: normal })[0] as Value;
}

/** Equal or given parts of `x` along `axis`. */
export function split(g: GraphCore, x: Value, sizes: readonly number[], axis: number): Value[] {
  const normal = normalAxis(axis, x.shape.length);
  const results = sizes.map((size) => ({
    dtype: x.dtype,
    shape: x.shape.map((dim, i) => (i === normal ? size : dim)),
  }));
  return g.node('Split', [x, ints(g, sizes)], results, { axis: normal });
}

/**
 * Elements `[start, end)` along `axis`, negative ones counted from the back. Throws VF914 where the result's size can't
 * be known from the name of the axis and `size` doesn't give it.
 */
export function slice(
  g: GraphCore,
  x: Value,
  axis: number,
  range: { start: number; end?: number; size?: Dim },
): Value {
  const normal = normalAxis(axis, x.shape.length);
  const whole = at(x.shape, normal);
  const size = range.size ?? slicedSize(whole, range);
  const shape = x.shape.map((dim, i) => (i === normal ? size : dim));
  const start = range.start < 0 && typeof whole === 'number' ? whole + range.start : range.start;
  const end = range.end ?? Number.MAX_SAFE_INTEGER;
  const inputs = [x, ints(g, [start]), ints(g, [end]), ints(g, [normal])];
  return g.node('Slice', inputs, [{ dtype: x.dtype, shape }])[0] as Value;
}

function slicedSize(whole: Dim, { start, end }: { start: number; end?: number }): Dim {
  if (typeof whole === 'number') {
    const [from = 0, to = whole] = [start, end].map((place) =>
      place !== undefined && place < 0 ? whole + place : place,
    );
    return Math.max(Math.min(to, whole) - from, 0);
  }
  if (start < 0 || (end !== undefined && end >= 0))
    throw new Bug(
      'VF914',
      `elements [${start}, ${end ?? ''}) of \`${whole}\` are of unknown number`,
    );
  const left = start - (end ?? 0);
  return left === 0 ? whole : `${whole}-${left}`;
}

/** `x` with zeros put before and after along `axis`; `before` and `after` are int64 `[1]`. */
export function padAxis(
  g: GraphCore,
  x: Value,
  axis: number,
  pads: { before: Value; after: Value; size: Dim },
): Value {
  const amounts = concat(g, [pads.before, pads.after], 0);
  const shape = x.shape.map((dim, i) => (i === axis ? pads.size : dim));
  const zero = scalar(g, 0, x.dtype);
  return g.node('Pad', [x, amounts, zero, ints(g, [axis])], [{ dtype: x.dtype, shape }], {
    mode: 'constant',
  })[0] as Value;
}

/** `x` stretched to the sizes `dims` where it has 1. */
export function expand(g: GraphCore, x: Value, dims: readonly Dim[]): Value {
  if (dims.length === x.shape.length && dims.every((dim, i) => dim === x.shape[i])) return x;
  const target =
    dims.length === 0
      ? ints(g, [])
      : concat(
          g,
          dims.map((dim) => sizeNamed(g, dim)),
          0,
        );
  return g.node('Expand', [x, target], [{ dtype: x.dtype, shape: dims }])[0] as Value;
}

/** `x` stretched to the sizes of `like`. */
export function expandLike(g: GraphCore, x: Value, like: Value): Value {
  return g.node(
    'Expand',
    [x, shapeOf(g, like)],
    [{ dtype: x.dtype, shape: like.shape }],
  )[0] as Value;
}

/** `x` with axes of size 1 put in at `axes` (counted in the result). */
export function unsqueeze(g: GraphCore, x: Value, axes: readonly number[]): Value {
  const rank = x.shape.length + axes.length;
  const places = new Set(axes.map((axis) => normalAxis(axis, rank)));
  const rest = [...x.shape];
  const shape = Array.from({ length: rank }, (_, i) => (places.has(i) ? 1 : (rest.shift() ?? 1)));
  return g.node('Unsqueeze', [x, ints(g, [...places])], [{ dtype: x.dtype, shape }])[0] as Value;
}

/** `x` without its axes `axes`, all of size 1. */
export function squeeze(g: GraphCore, x: Value, axes: readonly number[]): Value {
  const places = new Set(axes.map((axis) => normalAxis(axis, x.shape.length)));
  const shape = x.shape.filter((_, i) => !places.has(i));
  return g.node('Squeeze', [x, ints(g, [...places])], [{ dtype: x.dtype, shape }])[0] as Value;
}

/** 0, 1, … up to a size, as int64 `[size]`. */
export function range(g: GraphCore, size: Dim): Value {
  const end = squeeze(g, sizeNamed(g, size), [0]);
  const inputs = [scalar(g, 0, 'int64'), end, scalar(g, 1, 'int64')];
  return g.node('Range', inputs, [{ dtype: 'int64', shape: [size] }])[0] as Value;
}

/** Zeros of the shape and type of `x`. */
export function zerosLike(g: GraphCore, x: Value): Value {
  if (x.dtype !== 'float32') throw new Bug('VF917', 'zeros are of type float32');
  return g.node(
    'ConstantOfShape',
    [shapeOf(g, x)],
    [{ dtype: 'float32', shape: x.shape }],
  )[0] as Value;
}

/** How many more elements `whole` has than `part` along `axis`, minus `start`: int64 `[1]`. */
export function missingAfter(
  g: GraphCore,
  whole: Value,
  part: Value,
  place: { axis: number; start: Value },
): Value {
  return sub(
    g,
    sub(g, sizeAt(g, whole, place.axis), sizeAt(g, part, place.axis)),
    identity(g, place.start),
  );
}

/** Total size of the axes, as one flattened axis. */
export function flattenedDim(x: Value, axes: readonly number[]): Dim {
  return multiplyDims(axes.map((axis) => dimOf(x, axis)));
}
