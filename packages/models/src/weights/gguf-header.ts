import { closeSync, fstatSync } from 'node:fs';
import { finding } from '@vflair/core/text';
import { GgufCursor, unreadable } from './gguf-cursor.js';
import { type GgufType, ggufType, ggufTypes, layoutOf } from './gguf-types.js';
import { openFile } from './safetensors-header.js';
import { shortName } from './stored-type.js';

/** A value of the metadata. */
export type GgufValue = number | boolean | string | readonly (number | boolean | string)[];

/** Where a tensor lies: `length` bytes from `offset` on; `shape` row-major (GGUF writes it the other way round). */
export interface GgufTensor {
  readonly type: GgufType;
  readonly shape: readonly number[];
  readonly file: string;
  readonly offset: number;
  readonly length: number;
}

/** Contents of a GGUF file without its numbers. */
export interface GgufHeader {
  readonly metadata: ReadonlyMap<string, GgufValue>;
  readonly tensors: ReadonlyMap<string, GgufTensor>;
}

const MAGIC = 0x46554747;
const AGAIN = 'fetch or write the file again';
/** Axes a tensor may have. */
const MOST_AXES = 4;

/**
 * Reads and checks the header of a GGUF file, version 2 or 3: every tensor lies inside the file at a multiple of the
 * alignment, is as long as its shape and type say, and overlaps no other. Raises VF510 (no file), VF511 (cut short),
 * VF512 (header unreadable), VF513 (element type), VF514 (size), VF515 (place). Format:
 * https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 */
export function readGgufHeader(file: string): GgufHeader {
  const descriptor = openFile(file);
  try {
    const cursor = new GgufCursor(file, descriptor, fstatSync(descriptor).size);
    checkVersion(cursor);
    const tensorCount = cursor.count('tensors', 8 + 4 + 4 + 8);
    const metadata = readMetadata(cursor, cursor.count('metadata entries', 8 + 4 + 1));
    const alignment = alignmentOf(cursor.file, metadata);
    const infos = readInfos(cursor, tensorCount);
    const start = Math.ceil(cursor.position / alignment) * alignment;
    const tensors = new Map<string, GgufTensor>();
    for (const [name, info] of infos)
      tensors.set(name, place(name, info, { start, alignment, size: cursor.size }));
    checkLayout(file, tensors, { start, alignment, size: cursor.size });
    return { metadata, tensors };
  } finally {
    closeSync(descriptor);
  }
}

function checkVersion(cursor: GgufCursor): void {
  if (cursor.size < 24 || cursor.u32() !== MAGIC) {
    throw finding('VF512', `\`${cursor.file}\` does not begin as a GGUF file`, 'is it one?');
  }
  const version = cursor.u32();
  if (version === 2 || version === 3) return;
  throw finding(
    'VF512',
    `\`${cursor.file}\` is GGUF version ${version}`,
    'versions 2 and 3 with little-endian numbers are read: convert it with a current llama.cpp',
  );
}

type Element = number | boolean | string;

/** How each metadata type is read, and how many bytes it takes at least; by number as in the format's description. */
const READERS: ReadonlyMap<number, { least: number; read: (cursor: GgufCursor) => Element }> =
  new Map([
    [0, { least: 1, read: (cursor: GgufCursor): Element => cursor.u8() }],
    [1, { least: 1, read: (cursor) => cursor.i8() }],
    [2, { least: 2, read: (cursor) => cursor.u16() }],
    [3, { least: 2, read: (cursor) => cursor.i16() }],
    [4, { least: 4, read: (cursor) => cursor.u32() }],
    [5, { least: 4, read: (cursor) => cursor.i32() }],
    [6, { least: 4, read: (cursor) => cursor.f32() }],
    [7, { least: 1, read: (cursor) => cursor.bool() }],
    [8, { least: 8, read: (cursor) => cursor.text() }],
    [10, { least: 8, read: (cursor) => cursor.u64() }],
    [11, { least: 8, read: (cursor) => cursor.i64() }],
    [12, { least: 8, read: (cursor) => cursor.f64() }],
  ]);
const ARRAY = 9;

function readMetadata(cursor: GgufCursor, count: number): Map<string, GgufValue> {
  const metadata = new Map<string, GgufValue>();
  for (let i = 0; i < count; i++) {
    const key = cursor.text();
    if (metadata.has(key)) throw unreadable(cursor.file, `it names \`${shortName(key)}\` twice`);
    metadata.set(key, readValue(cursor, key));
  }
  return metadata;
}

function readValue(cursor: GgufCursor, key: string): GgufValue {
  const type = cursor.u32();
  const isArray = type === ARRAY;
  const reader = READERS.get(isArray ? cursor.u32() : type);
  if (!reader)
    throw unreadable(cursor.file, `\`${shortName(key)}\` is of a type that is not known`);
  if (!isArray) return reader.read(cursor);
  const count = cursor.count(`values of \`${shortName(key)}\``, reader.least);
  const values: Element[] = [];
  for (let i = 0; i < count; i++) values.push(reader.read(cursor));
  return values;
}

function alignmentOf(file: string, metadata: ReadonlyMap<string, GgufValue>): number {
  const alignment = metadata.get('general.alignment') ?? 32;
  if (typeof alignment === 'number' && alignment >= 8 && alignment % 8 === 0) return alignment;
  throw unreadable(file, '`general.alignment` is not a multiple of 8');
}

interface Info {
  readonly file: string;
  readonly shape: readonly number[];
  readonly type: number;
  readonly offset: number;
}

function readInfos(cursor: GgufCursor, count: number): Map<string, Info> {
  const infos = new Map<string, Info>();
  for (let i = 0; i < count; i++) {
    const name = cursor.text();
    if (infos.has(name))
      throw unreadable(cursor.file, `it names tensor \`${shortName(name)}\` twice`);
    const axes = cursor.u32();
    if (axes > MOST_AXES)
      throw unreadable(cursor.file, `tensor \`${shortName(name)}\` has ${axes} axes`);
    const shape: number[] = [];
    for (let axis = 0; axis < axes; axis++) shape.unshift(cursor.u64());
    infos.set(name, { file: cursor.file, shape, type: cursor.u32(), offset: cursor.u64() });
  }
  return infos;
}

interface Space {
  readonly start: number;
  readonly alignment: number;
  readonly size: number;
}

function place(name: string, info: Info, { start, alignment, size }: Space): GgufTensor {
  const { file, shape } = info;
  const type = ggufType(info.type);
  if (!type) {
    throw finding(
      'VF513',
      `tensor \`${shortName(name)}\` in \`${file}\` has an element type that is not read, number ${info.type}`,
      `read are ${ggufTypes().join(', ')}`,
    );
  }
  const layout = layoutOf(type);
  const count = shape.reduce((product, axis) => product * axis, 1);
  if (!Number.isSafeInteger(count * 4) || (shape.at(-1) ?? 1) % layout.elements !== 0) {
    throw finding(
      'VF514',
      `tensor \`${shortName(name)}\` in \`${file}\` has shape [${shape.join(', ')}], which ${type} cannot have`,
      `its rows are multiples of ${layout.elements}: ${AGAIN}`,
    );
  }
  const length = (count / layout.elements) * layout.bytes;
  const offset = start + info.offset;
  if (info.offset % alignment !== 0 || offset + length > size) {
    throw finding(
      'VF515',
      `tensor \`${shortName(name)}\` should lie at bytes ${offset} to ${offset + length} of \`${file}\`, which has ${size}`,
      `tensors begin at multiples of ${alignment}: ${AGAIN}`,
    );
  }
  return { type, shape, file, offset, length };
}

/** The tensors cover the data: no overlap, and between them nothing but what alignment takes. */
function checkLayout(
  file: string,
  tensors: ReadonlyMap<string, GgufTensor>,
  { start, alignment, size }: Space,
): void {
  const placed = [...tensors].sort(([, a], [, b]) => a.offset - b.offset || a.length - b.length);
  let end = start;
  let before = 'the header';
  const gap = (next: number, after: string): Error =>
    finding(
      'VF515',
      `\`${file}\` has ${next - end} bytes between \`${shortName(before)}\` and ${after} that belong to no tensor`,
      AGAIN,
    );
  for (const [name, { offset, length }] of placed) {
    if (offset < end)
      throw finding(
        'VF515',
        `tensors \`${shortName(before)}\` and \`${shortName(name)}\` overlap in \`${file}\``,
        AGAIN,
      );
    if (offset - end >= alignment) throw gap(offset, `\`${shortName(name)}\``);
    end = offset + length;
    before = name;
  }
  if (size - end >= alignment) throw gap(size, 'its end');
}
