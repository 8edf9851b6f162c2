import { readFileSync } from 'node:fs';
import type { PackedWeight, StoredPart } from '@vflair/core/contract';
import type { PackedBlocks } from '../weights/pack-blocks.js';

/** The numbers blocks stand for, one after the other in double precision, `[rows, columns]`. */
export function unpacked({
  bits,
  rows,
  columns,
  shift,
  values,
  scales,
  zeros,
  offsets,
}: PackedBlocks): Float64Array {
  const blocks = Math.ceil(columns / 32);
  const quantum = (bytes: Uint8Array, width: number, row: number, i: number): number => {
    if (bits === 8) return bytes[row * width + i] ?? Number.NaN;
    const byte = bytes[row * width + Math.floor(i / 2)] ?? Number.NaN;
    return i % 2 === 0 ? byte % 16 : Math.floor(byte / 16);
  };
  const width = { values: blocks * 4 * bits, zeros: Math.ceil((blocks * bits) / 8) };
  return Float64Array.from({ length: rows * columns }, (_, at) => {
    const [row, column] = [Math.floor(at / columns), at % columns];
    const block = Math.floor(column / 32);
    const zero = shift === 'zeros' ? quantum(zeros, width.zeros, row, block) : 2 ** (bits - 1);
    const scale = scales[row * blocks + block] ?? Number.NaN;
    const offset = shift === 'offsets' ? (offsets[row * blocks + block] ?? Number.NaN) : 0;
    return scale * (quantum(values, width.values, row, column) - zero) + offset;
  });
}

function bytesOf(part: StoredPart | undefined): Uint8Array {
  if (part === undefined) return new Uint8Array(0);
  if ('data' in part)
    return new Uint8Array(part.data.buffer, part.data.byteOffset, part.data.byteLength);
  const { file, offset, length } = part.external;
  return Uint8Array.from(readFileSync(file).subarray(offset, offset + length));
}

/** The numbers a packed weight stands for, wherever its bytes are: `[out, in]`. */
export function unpackedWeight({
  bits,
  columns,
  values,
  scales,
  zeros,
  offsets,
}: PackedWeight): Float64Array {
  const [rows = 0] = values.shape;
  return unpacked({
    ...{ bits, rows, columns, shift: zeros ? 'zeros' : offsets ? 'offsets' : 'none' },
    values: bytesOf(values),
    scales: new Float32Array(bytesOf(scales).slice().buffer),
    zeros: bytesOf(zeros),
    offsets: new Float32Array(bytesOf(offsets).slice().buffer),
  });
}
