import type { Dim, Graph, Value } from '@vflair/core/graph';
import { asInt, intTensor, type Tensor } from '@vflair/core/tensor';

/**
 * Whole numbers that are known when the graph is built, as sizes by name or number: what exporters compute shapes from.
 * A scalar or a vector; `bool` ones are 0 and 1.
 */
export interface Sizes {
  readonly sizes: readonly Dim[];
  readonly dtype: 'int64' | 'bool';
  readonly shape: readonly number[];
}

/** What a value of a file is while it is replayed. */
export type Foreign = Value | Sizes;

/** Whether the numbers are known. */
export function isSizes(value: Foreign): value is Sizes {
  return 'sizes' in value;
}

/** Known numbers: a vector, or a scalar where `shape` is `[]`. */
export function sizesOf(
  sizes: readonly Dim[],
  shape: readonly number[] = [sizes.length],
  dtype: Sizes['dtype'] = 'int64',
): Sizes {
  return { sizes, shape, dtype };
}

/** Longest vector of whole numbers that is taken for sizes. */
const LONGEST = 64;

/** A constant as known numbers where it can be some, else as a constant of the graph. */
export function constantOf(g: Graph, tensor: Tensor): Foreign {
  const { dtype, shape } = tensor;
  if (dtype !== 'int64' || shape.length > 1 || tensor.data.length > LONGEST)
    return g.constant(tensor);
  return sizesOf(Array.from(asInt(tensor).data, Number), shape);
}

/** The value in the graph. */
export function inGraph(g: Graph, value: Foreign): Value {
  if (!isSizes(value)) return value;
  const { sizes, shape, dtype } = value;
  const isKnown = sizes.every((size) => typeof size === 'number');
  const numbers = isKnown
    ? g.constant(intTensor(shape, sizes.map(Number)))
    : named(g, sizes, shape.length === 0);
  return dtype === 'bool' ? g.cast(numbers, 'bool') : numbers;
}

function named(g: Graph, sizes: readonly Dim[], isScalar: boolean): Value {
  const parts = sizes.map((size) => g.sizeNamed(size));
  const [first] = parts;
  const vector = parts.length === 1 && first ? first : g.concat(parts, 0);
  return isScalar ? g.squeeze(vector, [0]) : vector;
}
