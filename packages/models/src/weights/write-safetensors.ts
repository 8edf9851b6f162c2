import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Tensor } from '@vflair/core/tensor';
import { finding } from '@vflair/core/text';
import { floatToHalf } from './float16.js';
import { bytesOf, type StoredType } from './stored-type.js';

/** How tensors are stored. */
export interface WriteOptions {
  /** Stored type of each float tensor; F32 by default. */
  readonly dtype?: (key: string) => 'F32' | 'F16';
  readonly metadata?: { readonly [key: string]: string };
}

const TYPES = { int64: 'I64', int32: 'I32', bool: 'BOOL', uint8: 'U8' } as const;
/** Data starts at a multiple of this, so that mapped tensors are aligned. */
const ALIGNMENT = 64;

/**
 * Writes tensors as a safetensors file: under a temporary name, flushed, then renamed, so that `file` is whole or what
 * it was before. The same tensors give the same bytes, whatever their order. Raises VF518 (a value that float16 cannot
 * hold) and VF570 (not writable).
 */
export function writeSafetensors(
  file: string,
  tensors: ReadonlyMap<string, Tensor>,
  options: WriteOptions = {},
): void {
  replaceFile(file, safetensorsChunks(tensors, options));
}

/** The bytes {@link writeSafetensors} writes. */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  options: WriteOptions = {},
): Uint8Array {
  return new Uint8Array(Buffer.concat([...safetensorsChunks(tensors, options)]));
}

/** Replaces a file as a whole by what the chunks give; VF570 where that fails, and the old file stays. */
export function replaceFile(file: string, chunks: Iterable<Uint8Array>): void {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    const descriptor = openSync(temporary, 'w');
    try {
      for (const chunk of chunks) writeAll(descriptor, chunk);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, file);
    flushFolder(dirname(file));
  } catch (error) {
    rmSync(temporary, { force: true });
    if (!(error instanceof Error) || !('syscall' in error)) throw error;
    throw finding(
      'VF570',
      `\`${file}\` cannot be written (${error.message})`,
      'check the folder, its permissions and the space left',
    );
  }
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(descriptor, bytes, done, Math.min(2 ** 26, bytes.length - done));
  }
}

/** Makes a rename durable; systems that cannot open folders have nothing to flush. */
function flushFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const descriptor = openSync(folder, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
}

interface Placed {
  readonly key: string;
  readonly tensor: Tensor;
  readonly dtype: StoredType;
  readonly begin: number;
  readonly end: number;
}

function* safetensorsChunks(
  tensors: ReadonlyMap<string, Tensor>,
  options: WriteOptions,
): Iterable<Uint8Array> {
  const placed = placeTensors(tensors, options);
  yield headerOf(placed, options.metadata);
  for (const { key, tensor, dtype } of placed) yield storedBytes(key, tensor, dtype);
}

/** Widest elements first, so that each tensor is aligned to its element size; then by name. */
function placeTensors(tensors: ReadonlyMap<string, Tensor>, { dtype }: WriteOptions): Placed[] {
  const typed = [...tensors].map(([key, tensor]) => ({
    key,
    tensor,
    dtype: tensor.dtype === 'float32' ? (dtype?.(key) ?? 'F32') : TYPES[tensor.dtype],
  }));
  typed.sort((a, b) => bytesOf(b.dtype) - bytesOf(a.dtype) || (a.key < b.key ? -1 : 1));
  let end = 0;
  return typed.map((item) => {
    const begin = end;
    end += item.tensor.data.length * bytesOf(item.dtype);
    return { ...item, begin, end };
  });
}

/** Eight bytes of length, then JSON with sorted keys, filled with blanks up to the alignment. */
function headerOf(placed: readonly Placed[], metadata: WriteOptions['metadata']): Uint8Array {
  const sorted = [...placed].sort((a, b) => (a.key < b.key ? -1 : 1));
  const entries = sorted.map(({ key, tensor, dtype, begin, end }): [string, object] => [
    key,
    { dtype, shape: tensor.shape, data_offsets: [begin, end] },
  ]);
  const texts = Object.entries(metadata ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const extra = texts.length === 0 ? [] : [['__metadata__', Object.fromEntries(texts)] as const];
  const json = Buffer.from(JSON.stringify(Object.fromEntries([...extra, ...entries])));
  const length = Math.ceil((8 + json.length) / ALIGNMENT) * ALIGNMENT - 8;
  const header = Buffer.alloc(8 + length, ' ');
  header.writeBigUInt64LE(BigInt(length));
  json.copy(header, 8);
  return header;
}

function storedBytes(key: string, tensor: Tensor, dtype: StoredType): Uint8Array {
  const { data } = tensor;
  if (!(data instanceof Float32Array) || dtype !== 'F16') {
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  }
  const halves = Uint16Array.from(data, floatToHalf);
  const lost = halves.findIndex((bits) => (bits & 0x7c00) === 0x7c00);
  if (lost < 0) return new Uint8Array(halves.buffer);
  throw finding(
    'VF518',
    `tensor \`${key}\` holds ${data[lost]} at element ${lost}, which float16 cannot hold`,
    'store it as F32',
  );
}
