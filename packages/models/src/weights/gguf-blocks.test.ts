import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sharedCase } from '../testing/shared-folder.js';
import { unpacked } from '../testing/unpacked.js';
import { openCheckpoint } from './checkpoint.js';
import { isSame, moveRows, shiftOf } from './gguf-blocks.js';
import { emptyBlocks } from './pack-blocks.js';

interface Recorded {
  readonly type: string;
  readonly raw: string;
  readonly expected: string;
}

const recorded = sharedCase(
  'Q4_0, Q4_1 and Q8_0 blocks are the numbers gguf-py reads, up to one rounding',
  ['golden/models/dequantise/dequantise.json'],
);

test.skipIf(recorded.isAbsent)(recorded.title, () => {
  const folder = join(recorded.folder, 'golden/models/dequantise');
  const file = join(folder, 'dequantise.safetensors');
  const { entries }: { readonly entries: readonly Recorded[] } = JSON.parse(
    readFileSync(join(folder, 'dequantise.json'), 'utf8'),
  );
  const checkpoint = openCheckpoint(file);
  const types = new Set<string>();
  for (const { type, raw, expected } of entries) {
    const bits = type === 'Q8_0' ? 8 : 4;
    if (!isSame(type, bits)) continue;
    types.add(type);
    const bytes = Uint8Array.from(checkpoint.readInt(raw).data, Number);
    const { offset, length } = checkpoint.find(expected);
    const wanted = new Float32Array(readFileSync(file).buffer.slice(offset, offset + length));
    const into = emptyBlocks({ bits, rows: 1, columns: wanted.length, shift: shiftOf(type) });
    moveRows(into, 0, { type, bytes });
    const found = unpacked(into);
    // Blocks whose scale is infinite or no number are refused before they are moved.
    const isFar = (x: number, i: number): boolean => {
      const block = found.slice(i - (i % 32), i - (i % 32) + 32);
      // An offset 8·d + m is rounded where its block is largest.
      const size = type === 'Q4_1' ? Math.max(...block.map(Math.abs)) : 0;
      return Number.isFinite(x) && !(Math.abs((found[i] ?? 0) - x) <= size * 2 ** -22);
    };
    const far = wanted.findIndex(isFar);
    expect(far === -1 ? '' : `${raw}: ${found[far]} for ${wanted[far]} at ${far}`).toBe('');
  }
  checkpoint.close();
  expect([...types].sort()).toEqual(['Q4_0', 'Q4_1', 'Q8_0']);
});
