import type { GgufValue } from '../weights/gguf-header.js';

/** A tensor to be written: ggml's number of its type, its row-major shape and its bytes. */
export interface GgufPart {
  readonly type: number;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

const u32 = (value: number): Uint8Array => new Uint8Array(Uint32Array.of(value).buffer);
const u64 = (value: number): Uint8Array => new Uint8Array(BigUint64Array.of(BigInt(value)).buffer);

function text(value: string): Uint8Array {
  const bytes = Buffer.from(value);
  return Buffer.concat([u64(bytes.length), bytes]);
}

/** Type number and bytes of a metadata value: texts, truths, whole numbers as uint32 and others as float32. */
function encoded(value: GgufValue): readonly [type: number, bytes: Uint8Array] {
  if (typeof value === 'string') return [8, text(value)];
  if (typeof value === 'boolean') return [7, Uint8Array.of(Number(value))];
  if (typeof value === 'number') {
    if (Number.isInteger(value) && value >= 0) return [4, u32(value)];
    return [6, new Uint8Array(Float32Array.of(value).buffer)];
  }
  const items = value.map((item) => encoded(item));
  const type = items[0]?.[0] ?? 4;
  return [9, Buffer.concat([u32(type), u64(items.length), ...items.map(([, bytes]) => bytes)])];
}

const padded = (bytes: Uint8Array, to: number): Uint8Array =>
  Buffer.concat([bytes, Buffer.alloc((to - (bytes.length % to)) % to)]);

/** A GGUF file of version 3 with alignment 32, for tests. */
export function encodeGguf(
  metadata: ReadonlyMap<string, GgufValue>,
  tensors: ReadonlyMap<string, GgufPart>,
): Uint8Array {
  const entries = [...metadata].map(([key, value]) => {
    const [type, bytes] = encoded(value);
    return Buffer.concat([text(key), u32(type), bytes]);
  });
  let offset = 0;
  const infos = [...tensors].map(([name, { type, shape, bytes }]) => {
    const axes = [...shape].reverse().map(u64);
    const info = Buffer.concat([text(name), u32(shape.length), ...axes, u32(type), u64(offset)]);
    offset += Math.ceil(bytes.length / 32) * 32;
    return info;
  });
  const counts = [u64(tensors.size), u64(metadata.size)];
  const header = Buffer.concat([Buffer.from('GGUF'), u32(3), ...counts, ...entries, ...infos]);
  return Buffer.concat([
    padded(header, 32),
    ...[...tensors.values()].map(({ bytes }) => padded(bytes, 32)),
  ]);
}

/** Float32 numbers as a tensor to be written. */
export function floatPart(shape: readonly number[], values: ArrayLike<number>): GgufPart {
  return { type: 0, shape, bytes: new Uint8Array(Float32Array.from(values).buffer) };
}
