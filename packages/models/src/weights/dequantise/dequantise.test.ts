import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sharedCase } from '../../testing/shared-folder.js';
import { openCheckpoint } from '../checkpoint.js';
import { type GgufType, ggufTypes } from '../gguf-types.js';
import { dequantiser } from './index.js';

interface Recorded {
  readonly type: GgufType;
  readonly raw: string;
  readonly expected: string;
}

const needed = ['golden/models/dequantise/dequantise.json'];
const recorded = sharedCase('blocks are read as gguf-py reads them', needed);
const folder = join(recorded.folder, 'golden/models/dequantise');

/** A float32 by its place among all float32 numbers, so that neighbours differ by one. */
function place(x: number): number {
  const bits = new Int32Array(Float32Array.of(x).buffer)[0] ?? 0;
  return bits < 0 ? -(bits & 0x7fffffff) : bits;
}

/** Numbers of a safetensors file as it has them, infinities too. */
function floatsOf(file: string, key: string): Float32Array {
  const checkpoint = openCheckpoint(file);
  const { offset, length } = checkpoint.find(key);
  checkpoint.close();
  return new Float32Array(readFileSync(file).buffer.slice(offset, offset + length));
}

test.skipIf(recorded.isAbsent)(recorded.title, () => {
  const file = join(folder, 'dequantise.safetensors');
  const { entries }: { readonly entries: readonly Recorded[] } = JSON.parse(
    readFileSync(join(folder, 'dequantise.json'), 'utf8'),
  );
  const read = dequantiser();
  const checkpoint = openCheckpoint(file);
  for (const { type, raw, expected } of entries) {
    const bytes = Uint8Array.from(checkpoint.readInt(raw).data, Number);
    const found = read(type, bytes);
    const wanted = floatsOf(file, expected);
    expect(found.length, raw).toBe(wanted.length);
    const far = wanted.findIndex((x, i) => {
      const own = found[i] ?? Number.NaN;
      return Number.isNaN(x) ? !Number.isNaN(own) : !(Math.abs(place(own) - place(x)) <= 1);
    });
    expect(far === -1 ? '' : `${raw}: ${found[far]} for ${wanted[far]} at ${far}`).toBe('');
  }
  checkpoint.close();
  // F32 is what it is.
  expect([...new Set(entries.map(({ type }) => type)), 'F32'].sort()).toEqual(ggufTypes().sort());
});

test('a block of four bits is its scale times the distance of each nibble from eight', () => {
  const bytes = new Uint8Array(18);
  // Scale 2 as binary16, then number 0 in the low nibble and number 16 in the high nibble of the first byte.
  bytes.set([0x00, 0x40, 0x9f]);
  const found = dequantiser()('Q4_0', bytes);
  expect([found[0], found[16], found[1]]).toEqual([2 * (15 - 8), 2 * (9 - 8), 2 * (0 - 8)]);
});
