import { existsSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { floatTensor, intTensor, type Tensor } from '@vflair/core/tensor';
import { finding } from '@vflair/core/text';
import type { TensorProto } from 'onnx-buf';
import { bytesOf, isFloating, type StoredType, shortName } from '../weights/stored-type.js';
import { widenFloats, widenIntegers } from '../weights/widen.js';
import type { Initialiser } from './foreign-model.js';
import { unreadable } from './wrong.js';

/** Element types by their numbers in onnx.proto3. */
const TYPES: ReadonlyMap<number, StoredType> = new Map([
  [1, 'F32'],
  [2, 'U8'],
  [3, 'I8'],
  [4, 'U16'],
  [5, 'I16'],
  [6, 'I32'],
  [7, 'I64'],
  [9, 'BOOL'],
  [10, 'F16'],
  [11, 'F64'],
  [12, 'U32'],
  [16, 'BF16'],
]);

/** A file that is read, as bytes. */
export interface Source {
  readonly file: string;
  readonly bytes: Uint8Array;
}

/**
 * A constant of a file: where it lies, checked against shape and file. Raises VF513 (type), VF514 (bytes and shape
 * differ), VF515 (outside its file, or in a file outside the model's folder), VF576.
 */
export function readInitialiser(tensor: TensorProto, source: Source): Initialiser {
  const name = shortName(tensor.name);
  const dtype = TYPES.get(tensor.dataType);
  if (!dtype)
    throw finding(
      'VF513',
      `tensor \`${name}\` in \`${source.file}\` has an element type that is not read, number ${tensor.dataType}`,
      `read are ${[...TYPES.values()].join(', ')}`,
    );
  const shape = tensor.dims.map(Number);
  const count = shape.reduce((product, axis) => product * axis, 1);
  if (shape.some((axis) => axis < 0) || !Number.isSafeInteger(count * 8))
    throw unreadable(source.file, `tensor \`${name}\` has shape [${shape.join(', ')}]`);
  if (tensor.segment) throw unreadable(source.file, `tensor \`${name}\` is in segments`);
  const length = count * bytesOf(dtype);
  if (tensor.dataLocation === 1)
    return { dtype, shape, length, ...externalPlace(tensor, source.file, length) };
  if (tensor.rawData.length > 0 || count === 0) {
    checkLength(name, source.file, { found: tensor.rawData.length, needed: length });
    // The parser gives views on the file's bytes, so a tensor can be mapped where it lies.
    const offset = tensor.rawData.byteOffset - source.bytes.byteOffset;
    return { dtype, shape, file: source.file, offset: count === 0 ? 0 : offset, length };
  }
  return { shape, tensor: writtenOut(tensor, dtype, { shape, count, file: source.file }) };
}

function checkLength(
  name: string,
  file: string,
  { found, needed }: { readonly found: number; readonly needed: number },
): void {
  if (found === needed) return;
  throw finding(
    'VF514',
    `tensor \`${name}\` in \`${file}\` has ${found} bytes, its shape needs ${needed}`,
    'fetch or export the model again',
  );
}

/** Where external data lie. A file can only name files of its own folder. */
function externalPlace(
  tensor: TensorProto,
  model: string,
  length: number,
): { readonly file: string; readonly offset: number } {
  const entries = new Map(tensor.externalData.map(({ key, value }) => [key, value]));
  const location = entries.get('location') ?? '';
  const outside = (why: string): Error =>
    finding(
      'VF515',
      `tensor \`${shortName(tensor.name)}\` of \`${model}\` should lie in \`${shortName(location)}\`, ${why}`,
      'put the files of one export into one folder',
    );
  const parts = location.split(/[\\/]/);
  if (location === '' || isAbsolute(location) || /^[A-Za-z]:|^[\\/]/.test(location))
    throw outside('which is no path beside the model');
  if (parts.includes('..') || location.includes('\0')) throw outside('which is outside its folder');
  const file = join(dirname(model), location);
  if (!existsSync(file) || !statSync(file).isFile()) throw outside('which is not there');
  const offset = Number(entries.get('offset') ?? 0);
  const stated = Number(entries.get('length') ?? length);
  if (!Number.isSafeInteger(offset) || offset < 0) throw outside(`at byte ${offset}`);
  checkLength(shortName(tensor.name), file, { found: stated, needed: length });
  const { size } = statSync(file);
  if (offset + length > size)
    throw outside(`at bytes ${offset} to ${offset + length}, of which it has ${size}`);
  return { file, offset };
}

/** Numbers in the typed fields of the format. */
function writtenOut(
  tensor: TensorProto,
  dtype: StoredType,
  { shape, count, file }: { shape: readonly number[]; count: number; file: string },
): Tensor {
  const numbers: readonly (number | bigint)[] =
    tensor.dataType === 7
      ? tensor.int64Data
      : tensor.dataType === 11
        ? tensor.doubleData
        : tensor.dataType === 1
          ? tensor.floatData
          : tensor.dataType === 12
            ? tensor.uint64Data
            : tensor.int32Data;
  checkLength(shortName(tensor.name), file, {
    found: numbers.length * bytesOf(dtype),
    needed: count * bytesOf(dtype),
  });
  if (dtype === 'F32' || dtype === 'F64')
    return floatTensor(shape, Float32Array.from(numbers, Number));
  if (isFloating(dtype)) {
    const halves = Uint16Array.from(numbers, Number);
    const floats = widenFloats(dtype, new Uint8Array(halves.buffer));
    return floatTensor(shape, floats ?? new Float32Array(count));
  }
  const wide = BigInt64Array.from(numbers, BigInt);
  return dtype === 'BOOL' ? boolTensor(shape, wide) : intTensor(shape, wide);
}

/** The numbers of a constant: floats as float32, integers as int64, booleans as they are. */
export function tensorOf(
  dtype: StoredType,
  shape: readonly number[],
  bytes: Uint8Array,
): Tensor | undefined {
  const floats = widenFloats(dtype, bytes);
  if (floats) return floatTensor(shape, floats.slice());
  const integers = widenIntegers(dtype, bytes);
  if (!integers) return undefined;
  return dtype === 'BOOL' ? boolTensor(shape, integers) : intTensor(shape, integers.slice());
}

function boolTensor(shape: readonly number[], values: BigInt64Array): Tensor {
  return { dtype: 'bool', shape, data: Uint8Array.from(values, (value) => (value === 0n ? 0 : 1)) };
}
