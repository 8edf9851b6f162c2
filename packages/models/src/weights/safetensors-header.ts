import { closeSync, fstatSync, openSync, statSync } from 'node:fs';
import { finding } from '@vflair/core/text';
import { readBytes } from './file-bytes.js';
import type { QuantisedType } from './gguf-types.js';
import { bytesOf, isStoredType, type StoredType, shortName, storedTypes } from './stored-type.js';
import { parseUniqueJson } from './unique-json.js';

/** Where a tensor lies: `length` bytes from `offset` on in `file`, row-major, little-endian. */
export interface StoredTensor {
  readonly dtype: StoredType | QuantisedType;
  readonly shape: readonly number[];
  readonly file: string;
  readonly offset: number;
  readonly length: number;
}

/** Contents of one safetensors file without its numbers. */
export interface SafetensorsHeader {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: ReadonlyMap<string, string>;
}

/** Largest header in bytes the format allows. */
const LARGEST_HEADER = 100_000_000;
const AGAIN = 'fetch or write the file again';

/**
 * Reads and checks the header of a safetensors file (8-byte length, JSON, then the tensors' bytes): every tensor lies
 * inside the file, is as long as its shape says, and overlaps no other. Raises VF510 (no file), VF511 (cut short),
 * VF512 (header unreadable), VF513 (element type), VF514 (size), VF515 (place). Format:
 * https://huggingface.co/docs/safetensors
 */
export function readSafetensorsHeader(file: string): SafetensorsHeader {
  const descriptor = openFile(file);
  try {
    const size = fstatSync(descriptor).size;
    const headerLength = lengthOfHeader(
      file,
      size < 8 ? undefined : readBytes(descriptor, { file, offset: 0, length: 8 }),
    );
    const start = 8 + headerLength;
    if (start > size)
      throw cutShort(file, `its header should end at byte ${start}, the file has ${size}`);
    const bytes = readBytes(descriptor, { file, offset: 8, length: headerLength });
    return checkHeader(file, parseUniqueJson(file, bytes), { start, size });
  } finally {
    closeSync(descriptor);
  }
}

/** Opens a file for reading; VF510 where there is none or it is something else (a pipe would block for ever). */
export function openFile(file: string): number {
  const unusable = (why: string): Error =>
    finding(
      'VF510',
      `weights \`${file}\` cannot be opened (${why})`,
      'check the path and its permissions',
    );
  try {
    if (statSync(file).isFile()) return openSync(file, 'r');
  } catch (error) {
    throw unusable(error instanceof Error ? error.message : String(error));
  }
  throw unusable('it is no file');
}

function cutShort(file: string, why: string): Error {
  return finding('VF511', `weights \`${file}\` are cut short: ${why}`, AGAIN);
}

function lengthOfHeader(file: string, prefix: Uint8Array | undefined): number {
  if (prefix === undefined) throw cutShort(file, 'there is no header');
  const length = new DataView(prefix.buffer, prefix.byteOffset, 8).getBigUint64(0, true);
  if (length <= LARGEST_HEADER) return Number(length);
  throw finding(
    'VF512',
    `weights \`${file}\` state a header of ${length} bytes, more than ${LARGEST_HEADER}`,
    'is it a safetensors file?',
  );
}

function checkHeader(
  file: string,
  header: ReadonlyMap<string, unknown>,
  { start, size }: { start: number; size: number },
): SafetensorsHeader {
  const tensors = new Map<string, StoredTensor>();
  for (const [name, entry] of header) {
    if (name !== '__metadata__') tensors.set(name, checkTensor({ file, name, entry, start, size }));
  }
  checkLayout(file, tensors, { start, size });
  return { tensors, metadata: checkMetadata(file, header.get('__metadata__')) };
}

function checkMetadata(file: string, entry: unknown): ReadonlyMap<string, string> {
  const metadata = new Map<string, string>();
  if (entry === undefined) return metadata;
  for (const [key, value] of entriesOf(entry) ?? [['__metadata__', undefined]]) {
    if (typeof value !== 'string') {
      throw finding('VF512', `metadata \`${shortName(key)}\` of \`${file}\` is not a text`, AGAIN);
    }
    metadata.set(key, value);
  }
  return metadata;
}

interface Entry {
  readonly file: string;
  readonly name: string;
  readonly entry: unknown;
  readonly start: number;
  readonly size: number;
}

function checkTensor({ file, name, entry, start, size }: Entry): StoredTensor {
  const fields = new Map(entriesOf(entry) ?? []);
  const dtype = fields.get('dtype');
  if (!isStoredType(dtype)) {
    throw finding(
      'VF513',
      `tensor \`${shortName(name)}\` in \`${file}\` has an unknown type \`${typeof dtype === 'string' ? shortName(dtype) : typeof dtype}\``,
      `known are ${storedTypes().join(', ')}`,
    );
  }
  const shape = countsOf(fields.get('shape'));
  const [begin, end, ...more] = countsOf(fields.get('data_offsets')) ?? [];
  if (shape === undefined || begin === undefined || end === undefined || more.length > 0) {
    throw finding(
      'VF512',
      `tensor \`${shortName(name)}\` in \`${file}\` has no proper shape and data_offsets`,
      AGAIN,
    );
  }
  if (begin > end || start + end > size) {
    throw finding(
      'VF515',
      `tensor \`${shortName(name)}\` should lie at bytes ${start + begin} to ${start + end} of \`${file}\`, which has ${size}`,
      AGAIN,
    );
  }
  const needed = shape.reduce((product, axis) => product * axis, bytesOf(dtype));
  if (needed !== end - begin) {
    throw finding(
      'VF514',
      `tensor \`${shortName(name)}\` in \`${file}\` has ${end - begin} bytes, but ${dtype} [${shortName(shape.join(', '))}] needs ${needed}`,
      AGAIN,
    );
  }
  return { dtype, shape, file, offset: start + begin, length: end - begin };
}

/** The tensors cover the data exactly: no overlap and no bytes that belong to none. */
function checkLayout(
  file: string,
  tensors: ReadonlyMap<string, StoredTensor>,
  { start, size }: { start: number; size: number },
): void {
  const placed = [...tensors].sort(([, a], [, b]) => a.offset - b.offset || a.length - b.length);
  let end = start;
  let before = 'the header';
  for (const [name, { offset, length }] of placed) {
    if (offset < end)
      throw finding(
        'VF515',
        `tensors \`${shortName(before)}\` and \`${shortName(name)}\` overlap in \`${file}\``,
        AGAIN,
      );
    if (offset > end)
      throw finding(
        'VF515',
        `\`${file}\` has ${offset - end} bytes between \`${shortName(before)}\` and \`${shortName(name)}\` that belong to no tensor`,
        AGAIN,
      );
    end = offset + length;
    before = name;
  }
  if (end < size)
    throw finding('VF515', `\`${file}\` has ${size - end} bytes after its last tensor`, AGAIN);
}

function entriesOf(value: unknown): [string, unknown][] | undefined {
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isRecord ? Object.entries(value) : undefined;
}

/** A list of integers ≥ 0, or undefined. */
function countsOf(value: unknown): number[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.every((item) => Number.isSafeInteger(item) && item >= 0) ? value : undefined;
}
