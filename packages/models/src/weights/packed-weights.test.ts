import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { floatTensor, randomStream } from '@vflair/core/tensor';
import { afterAll, expect, test } from 'vitest';
import { encodeGguf } from '../testing/encode-gguf.js';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { unpackedWeight } from '../testing/unpacked.js';
import { openCheckpoint } from './checkpoint.js';
import { blocksInMemory, mappedBlocks } from './packed-weights.js';
import { writeSafetensors } from './write-safetensors.js';

const folder = temporaryFolder(afterAll);
const random = randomStream('packed');

test.each([4, 8] as const)('a matrix stored turned is, of %i bits, the matrix', (bits) => {
  const [rows, columns] = [5, 40];
  const straight = Float32Array.from({ length: rows * columns }, random.normal);
  const turned = Float32Array.from(
    { length: rows * columns },
    (_, i) => straight[(i % rows) * columns + Math.floor(i / rows)] ?? 0,
  );
  const file = join(folder, `turned-${bits}.safetensors`);
  const tensors = { straight: [rows, columns], turned: [columns, rows] } as const;
  const data = { straight, turned };
  writeSafetensors(
    file,
    new Map(
      (['straight', 'turned'] as const).map((key) => [key, floatTensor(tensors[key], data[key])]),
    ),
  );
  const checkpoint = openCheckpoint(file);
  const cache = join(folder, `turned-${bits}`);
  const found = mappedBlocks(checkpoint, 'straight', { bits, layout: 'out-in', cache });
  const other = mappedBlocks(checkpoint, 'turned', { bits, layout: 'in-out', cache });
  checkpoint.close();
  expect(unpackedWeight(other)).toEqual(unpackedWeight(found));
  const memory = blocksInMemory(floatTensor([rows, columns], straight), { bits, layout: 'out-in' });
  expect(unpackedWeight(memory)).toEqual(unpackedWeight(found));
  const worst = Math.max(...unpackedWeight(found).map((x, i) => Math.abs(x - (straight[i] ?? 0))));
  const largest = Math.max(...straight.map(Math.abs));
  expect(worst).toBeLessThanOrEqual(bits === 8 ? largest / 253 : (2 * largest) / 15);
});

test('blocks are written once, and again when the checkpoint changes', () => {
  const file = join(folder, 'again.safetensors');
  const cache = join(folder, 'again');
  const pack = (): void => {
    const checkpoint = openCheckpoint(file);
    mappedBlocks(checkpoint, 'w', { bits: 4, layout: 'out-in', cache });
    checkpoint.close();
  };
  writeSafetensors(file, new Map([['w', floatTensor([2, 32], new Float32Array(64).fill(1))]]));
  pack();
  const [name = ''] = readdirSync(cache);
  const { ino } = statSync(join(cache, name));
  pack();
  expect(readdirSync(cache)).toEqual([name]);
  expect(statSync(join(cache, name)).ino).toBe(ino);
  writeSafetensors(file, new Map([['w', floatTensor([3, 32], new Float32Array(96).fill(1))]]));
  pack();
  expect(readdirSync(cache)).toHaveLength(2);
});

test('infinite weights are a finding', () => {
  const file = join(folder, 'infinite.safetensors');
  const data = new Float32Array(64).fill(Number.POSITIVE_INFINITY);
  writeSafetensors(file, new Map([['w', floatTensor([2, 32], data)]]));
  const checkpoint = openCheckpoint(file);
  const packing = { bits: 8, layout: 'out-in', cache: folder } as const;
  expect(() => mappedBlocks(checkpoint, 'w', packing)).toThrow('VF518');
  checkpoint.close();
});

// Random bytes are blocks, if their scales are numbers: binary16 with an exponent below 31.
function q8Blocks(count: number): Uint8Array {
  return Uint8Array.from({ length: 34 * count }, (_, i) =>
    i % 34 === 1 ? random.integer(0x60) : random.integer(256),
  );
}

test('a Q8_0 query keeps its numbers while its rows are put back', () => {
  const file = join(folder, 'query.gguf');
  const metadata = new Map<string, string | number>([
    ['general.architecture', 'llama'],
    ['llama.attention.head_count', 2],
    ['llama.attention.head_count_kv', 2],
    ['llama.embedding_length', 64],
  ]);
  const part = { type: 8, shape: [8, 64], bytes: q8Blocks(16) };
  writeFileSync(file, encodeGguf(metadata, new Map([['blk.0.attn_q.weight', part]])));
  const checkpoint = openCheckpoint(file);
  const key = 'model.layers.0.self_attn.q_proj.weight';
  const cache = join(folder, 'query');
  const found = mappedBlocks(checkpoint, key, { bits: 8, layout: 'out-in', cache });
  expect([...unpackedWeight(found)].map(Math.fround)).toEqual([...checkpoint.read(key).data]);
  checkpoint.close();
});
