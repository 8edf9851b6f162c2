import { broadcastShapes, type Dim, normalAxis, type Value } from '@vflair/core/graph';
import { at } from '@vflair/core/text';
import type { Call, Operator } from '../call.js';
import { minus, over, plus, product } from '../dims.js';
import { type Foreign, sizesOf } from '../foreign-value.js';

const Shape: Operator = (call) => {
  const operand = call.given(0);
  if (!operand) throw call.fail('it has no operand');
  const rank = operand.shape.length;
  const place = (value: number): number => (value < 0 ? value + rank : value);
  const [start, end] = [place(call.number('start', 0)), place(call.number('end', rank))];
  return sizesOf([...operand.shape].slice(Math.max(start, 0), Math.max(end, 0)));
};

const Size: Operator = (call) => {
  const all = product(call.given(0)?.shape ?? []);
  if (all === undefined) throw call.fail('its size has no name');
  return sizesOf([all], []);
};

// −1 is what is left over, 0 the size at the same place.
const Reshape: Operator = (call) => {
  const x = call.value(0);
  const keepsZero = call.number('allowzero', 0) !== 0;
  const dims = call.sizes(1).map((dim, i) => (dim === 0 && !keepsZero ? (x.shape[i] ?? 0) : dim));
  return call.g.reshape(x, filled(call, x, dims));
};

function filled(call: Call, x: Value, dims: readonly Dim[]): Dim[] {
  const open = dims.indexOf(-1);
  if (open === -1) return [...dims];
  if (dims.indexOf(-1, open + 1) !== -1) throw call.fail('two sizes are left open');
  // What stays as it is cancels, so that sizes that are sums need not be divided.
  const rest = dims.filter((dim) => dim !== -1);
  const whole = [...x.shape];
  const others = rest.filter((dim) => {
    const place = whole.indexOf(dim);
    if (place !== -1) whole.splice(place, 1);
    return place === -1;
  });
  const [above, below] = [product(whole), product(others)];
  const left = above !== undefined && below !== undefined ? over(above, below) : undefined;
  if (left === undefined)
    throw call.fail(`[${x.shape.join(', ')}] as [${dims.join(', ')}] leaves a size unknown`);
  return dims.map((dim) => (dim === -1 ? left : dim));
}

const Flatten: Operator = (call) => {
  const x = call.value(0);
  const given = call.number('axis', 1);
  const axis = given < 0 ? given + x.shape.length : given;
  const [rows, columns] = [product(x.shape.slice(0, axis)), product(x.shape.slice(axis))];
  if (rows === undefined || columns === undefined) throw call.fail('a size has no name');
  return call.g.reshape(x, [rows, columns]);
};

const Transpose: Operator = (call) => {
  const x = call.value(0);
  const order = call.list('perm') ?? x.shape.map((_, i) => x.shape.length - 1 - i);
  if (`${[...order].sort((a, b) => a - b)}` !== `${x.shape.map((_, i) => i)}`)
    throw call.fail(`its order [${order.join(', ')}] is not one of ${x.shape.length} axes`);
  return call.g.transpose(x, order);
};

const Concat: Operator = (call) => {
  const parts = call.values();
  const first = at(parts, 0);
  const axis = call.axis(first.shape.length, 0);
  const sizes = parts.map((part) => at(part.shape, axis));
  const total = sizes.reduce<Dim | undefined>(
    (sum, size) => (sum === undefined ? undefined : plus(sum, size)),
    0,
  );
  if (total === undefined) throw call.fail(`the sum of ${sizes.join(', ')} has no name`);
  for (const { shape } of parts)
    if (shape.length !== first.shape.length) throw call.fail('its parts have different axes');
  const shape = first.shape.map((dim, i) => (i === axis ? total : dim));
  const [joined] = call.g.node('Concat', parts, [{ dtype: first.dtype, shape }], { axis });
  return at([joined], 0) ?? first;
};

const Split: Operator = (call) => {
  const x = call.value(0);
  const axis = call.axis(x.shape.length, 0);
  const whole = x.shape[axis];
  if (typeof whole !== 'number') throw call.fail(`axis ${axis} is of size \`${whole}\``);
  const count = call.parts.node.outputs.length;
  const each = Math.ceil(whole / count);
  const equal = Array.from({ length: count }, (_, i) => Math.min(each, whole - i * each));
  const sizes = call.listAt(1, 'split') ?? equal;
  if (sizes.length !== count || sizes.reduce((a, b) => a + b, 0) !== whole)
    throw call.fail(`parts of [${sizes.join(', ')}] are not ${whole} in ${count}`);
  return call.g.split(x, sizes, axis);
};

const Slice: Operator = (call) => {
  let x = call.value(0);
  const starts = call.given(1) ? call.sizes(1) : (call.list('starts') ?? []);
  const ends = call.given(2) ? call.sizes(2) : (call.list('ends') ?? []);
  const axes = call.listAt(3, 'axes') ?? starts.map((_, i) => i);
  const steps = call.given(4) ? call.numbers(4) : starts.map(() => 1);
  if (steps.some((step) => step !== 1)) throw call.fail('its steps are not 1');
  for (const [i, start] of starts.entries()) {
    const axis = normalAxis(at(axes, i), x.shape.length);
    x = sliced(call, x, { axis, start, end: ends[i] ?? 0 });
  }
  return x;
};

function sliced(
  call: Call,
  x: Value,
  { axis, start, end }: { axis: number; start: Dim; end: Dim },
): Value {
  const { g } = call;
  const whole = at(x.shape, axis);
  const last = boundary(call, whole, end);
  const first = boundary(call, whole, start);
  if (first === 0 && last === whole) return x;
  const size = minus(last, first);
  if (size === undefined) throw call.fail(`[${start}, ${end}) of ${whole} is of unknown size`);
  const inputs = [g.sizeNamed(first), g.sizeNamed(last), g.ints([axis])];
  const shape = x.shape.map((dim, i) => (i === axis ? size : dim));
  return at(g.node('Slice', [x, ...inputs], [{ dtype: x.dtype, shape }]), 0);
}

/** A place on an axis, counted from the front and not beyond its end. */
export function boundary(call: Pick<Call, 'fail'>, whole: Dim, place: Dim): Dim {
  // Names are of sizes that a table reaches: a longer text is none of the model's.
  if (typeof place === 'string') return place;
  if (typeof whole === 'number')
    return Math.min(Math.max(place < 0 ? place + whole : place, 0), whole);
  if (place >= 2 ** 30) return whole;
  const fromBack = place < 0 ? minus(whole, -place) : place;
  if (fromBack === undefined) throw call.fail(`place ${place} of \`${whole}\` is not known`);
  return fromBack;
}

const Expand: Operator = (call) => {
  const x = call.value(0);
  return call.g.expand(x, broadcastShapes(x.shape, call.sizes(1)));
};

const Unsqueeze: Operator = (call) => call.g.unsqueeze(call.value(0), call.listAt(1, 'axes') ?? []);

const Squeeze: Operator = (call) => {
  const x = call.value(0);
  const ones = x.shape.flatMap((dim, axis) => (dim === 1 ? [axis] : []));
  return call.g.squeeze(x, call.listAt(1, 'axes') ?? ones);
};

// start, start + 1, …: a count of known size, moved.
const Range: Operator = (call) => {
  const [start = 0] = call.sizes(0);
  const [end = 0] = call.sizes(1);
  const [step = 1] = call.numbers(2);
  const size = minus(end, start);
  if (step !== 1 || size === undefined) throw call.fail(`it counts ${start}, …, ${end} by ${step}`);
  const counted = call.g.range(size);
  return start === 0 ? counted : call.g.add(counted, call.g.squeeze(call.g.sizeNamed(start), [0]));
};

const ConstantOfShape: Operator = (call) => {
  const dims = call.sizes(0);
  const { g } = call;
  const tensor = call.tensor('value');
  const element = tensor ? g.constant({ ...tensor, shape: [] }) : g.scalar(0);
  return g.expand(element, dims);
};

// What lies on one side of the k-th diagonal, zeros elsewhere.
const Trilu: Operator = (call) => {
  const { g } = call;
  const x = call.value(0);
  const [k = 0] = call.given(1) ? call.numbers(1) : [];
  const isUpper = call.number('upper', 1) !== 0;
  const rows = g.unsqueeze(g.range(at(x.shape, x.shape.length - 2)), [1]);
  const columns = g.unsqueeze(g.range(at(x.shape, x.shape.length - 1)), [0]);
  const above = g.sub(columns, g.add(rows, g.scalar(k, 'int64')));
  const zero = g.scalar(0, 'int64');
  const keeps = g.not(isUpper ? g.less(above, zero) : g.greater(above, zero));
  if (x.dtype === 'bool') return g.and(x, keeps);
  return g.where(keeps, x, g.scalar(0, x.dtype));
};

/** Operators that only move elements, and those that make or read sizes. */
export const shape: { readonly [op: string]: (call: Call) => Foreign | readonly Foreign[] } = {
  Shape,
  Size,
  Reshape,
  Flatten,
  Transpose,
  Concat,
  Split,
  Slice,
  Expand,
  Unsqueeze,
  Squeeze,
  Range,
  ConstantOfShape,
  Trilu,
};
