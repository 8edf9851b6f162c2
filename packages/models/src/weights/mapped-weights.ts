import { createHash } from 'node:crypto';
import { mkdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ExternalData } from '@vflair/core/graph';
import type { Checkpoint } from './checkpoint.js';
import type { RestoredTensor } from './gguf-tensors.js';
import { replaceFile } from './write-safetensors.js';

/** Float32 bytes of a parameter in a file, and its shape. */
export interface MappedTensor extends ExternalData {
  readonly shape: readonly number[];
}

/** Converted tensors start at multiples of this. */
export const ALIGNMENT = 64;

/**
 * Where a runtime can map parameters from, as float32. Tensors stored as F32 are used in place; others are converted
 * once into a file of `cacheFolder`, named by the SHA-256 of their source (path, size, time of change) and keys, and
 * found there the next time. Raises VF513 (no floating type), VF517 (no such tensor), VF518 (NaN or infinity), VF570.
 */
export function mappedWeights(
  checkpoint: Checkpoint,
  keys: readonly string[],
  cacheFolder: string,
): Map<string, MappedTensor> {
  const stored = new Map(keys.map((key) => [key, checkpoint.find(key)]));
  const others = [...stored].filter(([, tensor]) => !isUsableInPlace(tensor));
  const converted = convert(checkpoint, new Map(others.sort(byKey)), cacheFolder);
  const mapped = new Map<string, MappedTensor>();
  for (const [key, { file, offset, length, shape }] of stored) {
    const copy = converted.get(key);
    if (copy === undefined) checkpoint.check(key);
    mapped.set(key, copy ?? { file, offset, length, shape });
  }
  return mapped;
}

/** A runtime reads float32 where it lies at a multiple of four, if nothing has to be restored. */
function isUsableInPlace({ dtype, offset, restore }: RestoredTensor): boolean {
  return dtype === 'F32' && offset % 4 === 0 && restore === undefined;
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

function convert(
  checkpoint: Checkpoint,
  tensors: ReadonlyMap<string, RestoredTensor>,
  cacheFolder: string,
): Map<string, MappedTensor> {
  const file = join(cacheFolder, `${sourceDigest(tensors)}.f32`);
  const mapped = new Map<string, MappedTensor>();
  let end = 0;
  for (const [key, { shape }] of tensors) {
    const length = shape.reduce((product, axis) => product * axis, 4);
    mapped.set(key, { file, offset: end, length, shape });
    end = Math.ceil((end + length) / ALIGNMENT) * ALIGNMENT;
  }
  const isWhole = statSync(file, { throwIfNoEntry: false })?.size === end;
  if (end === 0 || isWhole) return mapped;
  mkdirSync(cacheFolder, { recursive: true });
  replaceFile(file, paddedFloats(checkpoint, mapped));
  return mapped;
}

function* paddedFloats(
  checkpoint: Checkpoint,
  mapped: ReadonlyMap<string, MappedTensor>,
): Iterable<Uint8Array> {
  for (const key of mapped.keys()) {
    const { data } = checkpoint.read(key);
    yield new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    yield new Uint8Array((ALIGNMENT - (data.byteLength % ALIGNMENT)) % ALIGNMENT);
  }
}

/** Changes when a source file is replaced or edited, or other tensors are asked for. */
export function sourceDigest(tensors: ReadonlyMap<string, RestoredTensor>): string {
  const files = [...new Set([...tensors.values()].map(({ file }) => file))].sort();
  const sources = files.map((file) => {
    const { size, mtimeMs } = statSync(file);
    return [realpathSync(file), size, mtimeMs];
  });
  const places = [...tensors].map(([key, { file, dtype, offset, shape }]) => [
    key,
    files.indexOf(file),
    dtype,
    offset,
    shape,
  ]);
  return createHash('sha256').update(JSON.stringify({ sources, places })).digest('hex');
}
