import { Bug } from '../text/index.js';

/** Element types that cross sessions and channels. */
export type DType = 'float32' | 'int64' | 'int32' | 'bool' | 'uint8';

/** What holds the elements of each {@link DType}. */
export interface DataOf {
  readonly float32: Float32Array<ArrayBufferLike>;
  readonly int64: BigInt64Array<ArrayBufferLike>;
  readonly int32: Int32Array<ArrayBufferLike>;
  readonly bool: Uint8Array<ArrayBufferLike>;
  readonly uint8: Uint8Array<ArrayBufferLike>;
}

/** A dense row-major tensor in this process's memory; `data.length` is the product of `shape`. */
export interface Tensor<D extends DType = DType> {
  readonly dtype: D;
  readonly shape: readonly number[];
  readonly data: DataOf[D];
}

/** A tensor of 32-bit floats. */
export type FloatTensor = Tensor<'float32'>;
/** A tensor of 64-bit integers. */
export type IntTensor = Tensor<'int64'>;

/** Number of elements of a shape; 1 for a scalar. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** A float tensor over `data`; throws VF902 if shape and length disagree. */
export function floatTensor(
  shape: readonly number[],
  data: Float32Array<ArrayBufferLike>,
): FloatTensor {
  checkSize(shape, data.length);
  return { dtype: 'float32', shape, data };
}

/** An int64 tensor over numbers or bigints; throws VF902 if shape and length disagree. */
export function intTensor(
  shape: readonly number[],
  data: BigInt64Array<ArrayBufferLike> | readonly number[] | Int32Array<ArrayBufferLike>,
): IntTensor {
  checkSize(shape, data.length);
  const wide =
    data instanceof BigInt64Array ? data : BigInt64Array.from(data as readonly number[], BigInt);
  return { dtype: 'int64', shape, data: wide };
}

/** A float tensor of zeros. */
export function zeros(shape: readonly number[]): FloatTensor {
  return floatTensor(shape, new Float32Array(sizeOf(shape)));
}

function checkSize(shape: readonly number[], length: number): void {
  if (sizeOf(shape) !== length)
    throw new Bug('VF902', `shape [${shape.join(', ')}] does not hold ${length} elements`);
}

/** The same numbers in memory of their own. */
export function copyOf({ shape, data }: FloatTensor): FloatTensor {
  return floatTensor(shape, data.slice());
}

/** The tensor as float32, or VF903 if it is of another type. */
export function asFloat(tensor: Tensor): FloatTensor {
  if (tensor.dtype !== 'float32') throw new Bug('VF903', `expected float32, found ${tensor.dtype}`);
  return tensor as FloatTensor;
}

/** The tensor as int64, or VF903 if it is of another type. */
export function asInt(tensor: Tensor): IntTensor {
  if (tensor.dtype !== 'int64') throw new Bug('VF903', `expected int64, found ${tensor.dtype}`);
  return tensor as IntTensor;
}

/** Rows `[from, to)` of the first axis, as a view on the same memory. */
export function rows(tensor: FloatTensor, from: number, to: number): FloatTensor {
  const [, ...rest] = tensor.shape;
  const width = sizeOf(rest);
  return {
    dtype: 'float32',
    shape: [to - from, ...rest],
    data: tensor.data.subarray(from * width, to * width),
  };
}

/** Adds `more`, of the same shape, to `sum` in place. */
export function addTo({ data }: FloatTensor, more: FloatTensor): void {
  for (let i = 0; i < data.length; i++) data[i] = (data[i] ?? 0) + (more.data[i] ?? 0);
}

/** Gives the memory of a tensor back now and not at some later collection. Whoever still has the tensor finds it empty. */
export function release({ data }: Tensor): void {
  const { buffer } = data;
  if (buffer instanceof ArrayBuffer && !buffer.detached) buffer.transfer(0);
}
