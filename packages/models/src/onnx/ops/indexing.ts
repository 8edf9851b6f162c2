import type { Value } from '@vflair/core/graph';
import { asInt, intTensor } from '@vflair/core/tensor';
import { at } from '@vflair/core/text';
import type { Call, Operator } from '../call.js';
import { isSizes } from '../foreign-value.js';

// One place known beforehand is a slice; else rows of the first axis, which have a gradient.
const Gather: Operator = (call) => {
  const { g } = call;
  const x = call.value(0);
  const axis = call.axis(x.shape.length, 0);
  const indices = call.given(1);
  const [place] = indices && isSizes(indices) ? indices.sizes : [];
  if (indices && isSizes(indices) && indices.shape.length === 0 && typeof place === 'number')
    return g.squeeze(oneAt(call, x, { axis, place }), [axis]);
  const counted = fromFront(call, call.value(1), x.shape[axis]);
  if (axis === 0 || x.dtype !== 'float32') return g.gather(x, counted, axis);
  const order = x.shape.map((_, i) => i).filter((i) => i !== axis);
  const found = g.gather(g.transpose(x, [axis, ...order]), counted, 0);
  const depth = counted.shape.length;
  const places = found.shape.map((_, i) => i);
  const back = [
    ...places.slice(depth, depth + axis),
    ...places.slice(0, depth),
    ...places.slice(depth + axis),
  ];
  return g.transpose(found, back);
};

function oneAt(
  call: Call,
  x: Value,
  { axis, place }: { readonly axis: number; readonly place: number },
): Value {
  const whole = at(x.shape, axis);
  if (typeof whole === 'number' && (place >= whole || place < -whole))
    throw call.fail(`place ${place} is outside an axis of ${whole}`);
  if (place === -1) return call.g.slice(x, axis, { start: -1, size: 1 });
  return call.g.slice(x, axis, { start: place, end: place + 1, size: 1 });
}

/** Negative indices, which the graph's gradients don't know, counted from the front; of tables of tokens as they are. */
function fromFront(call: Call, indices: Value, whole: number | string | undefined): Value {
  if (indices.dtype !== 'int64') throw call.fail('its indices are no integers');
  const constant = call.g.initializers.get(indices.name)?.tensor;
  if (constant?.dtype !== 'int64' || typeof whole !== 'number') return indices;
  const { shape, data } = asInt(constant);
  if (data.every((index) => index >= 0n)) return indices;
  const counted = data.map((index) => (index < 0n ? index + BigInt(whole) : index));
  return call.g.constant(intTensor(shape, counted));
}

const GatherElements: Operator = (call) => {
  const x = call.value(0);
  return call.g.gatherElements(x, call.value(1), call.axis(x.shape.length, 0));
};

const GatherND: Operator = (call) => {
  if (call.number('batch_dims', 0) !== 0) throw call.fail('it has axes of its batch');
  return call.g.gatherND(call.value(0), call.value(1));
};

/** Operators that pick by index. */
export const indexing: { readonly [op: string]: Operator } = { Gather, GatherElements, GatherND };
