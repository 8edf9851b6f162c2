import { floatTensor, sizeOf, type Tensor } from '../tensor/index.js';
import { at } from '../text/index.js';

/** A tensor as plain numbers in double precision, whatever its type: what reference computations work on. */
export interface Numbers {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** The elements of a tensor as numbers; booleans are 0 and 1. */
export function numbersOf({ shape, data }: Tensor): Numbers {
  return { shape, data: Array.from(data as ArrayLike<number | bigint>, Number) };
}

/** Numbers rounded to a float32 tensor. */
export function rounded({ shape, data }: Numbers): Tensor<'float32'> {
  return floatTensor(shape, Float32Array.from(data));
}

/** Place of a flat offset in a row-major shape. */
function placeOf(shape: readonly number[], offset: number): number[] {
  const place = shape.map(() => 0);
  let rest = offset;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = at(shape, axis);
    place[axis] = rest % size;
    rest = Math.floor(rest / size);
  }
  return place;
}

/** The tensor whose element at each place is `value(place)`. */
export function fill(
  shape: readonly number[],
  value: (place: readonly number[]) => number,
): Numbers {
  const data = Array.from({ length: sizeOf(shape) }, (_, offset) => value(placeOf(shape, offset)));
  return { shape, data };
}

/** The element of `x` at a place; axes of size 1 stretch and leading axes of `place` that `x` lacks are dropped. */
export function pick(x: Numbers, place: readonly number[]): number {
  const own = place.slice(place.length - x.shape.length);
  const offset = own.reduce((sum, index, axis) => {
    const size = at(x.shape, axis);
    return sum * size + (size === 1 ? 0 : index);
  }, 0);
  return at(x.data, offset);
}

/** Shape that all operands stretch to. */
export function stretchedShape(shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1);
    return sizes.find((size) => size !== 1) ?? 1;
  });
}

/** Elementwise function of operands that broadcast. */
export function stretch(
  compute: (...values: number[]) => number,
  operands: readonly Numbers[],
): Numbers {
  const shape = stretchedShape(operands.map((operand) => operand.shape));
  return fill(shape, (place) => compute(...operands.map((operand) => pick(operand, place))));
}

/** `place` with `index` put in at `axis`. */
export function inserted(place: readonly number[], axis: number, index: number): number[] {
  return [...place.slice(0, axis), index, ...place.slice(axis)];
}

/** Folds the listed axes away: `join` sees all elements that share the other indices. */
export function fold(
  x: Numbers,
  axes: readonly number[],
  join: (values: readonly number[]) => number,
): Numbers {
  const kept = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const folded = x.shape.map((size, axis) => (axes.includes(axis) ? size : 1));
  return fill(kept, (place) => {
    const inner = fill(folded, (step) =>
      pick(
        x,
        step.map((index, axis) => index + at(place, axis)),
      ),
    );
    return join(inner.data);
  });
}

/** The same elements under another shape. */
export function reshaped(x: Numbers, shape: readonly number[]): Numbers {
  return { shape, data: x.data };
}

/** Σ. */
export function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** erf x by its Maclaurin series, which in double precision is good to 1e-7 where float32 still tells it from ±1. */
export function erf(x: number): number {
  if (Math.abs(x) > 4) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; n < 80; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}
