import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FloatTensor, floatTensor } from '@vflair/core/tensor';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { openCheckpoint } from './checkpoint.js';
import { mappedWeights } from './mapped-weights.js';
import { writeSafetensors } from './write-safetensors.js';

function floats(...values: number[]): FloatTensor {
  return floatTensor([values.length], Float32Array.from(values));
}

test('NaN is found in tensors that are mapped and not read', () => {
  const file = join(temporaryFolder(onTestFinished), 'model.safetensors');
  writeSafetensors(file, new Map([['ln.bias', floats(0, Number.NaN)]]));
  const checkpoint = openCheckpoint(file);
  expect(() => mappedWeights(checkpoint, ['ln.bias'], temporaryFolder(onTestFinished))).toThrow(
    /VF518.*`ln.bias`/,
  );
  checkpoint.close();
});

test('float32 is mapped in place, float16 once in a converted file', () => {
  const folder = temporaryFolder(onTestFinished);
  const file = join(folder, 'model.safetensors');
  const tensors = new Map([
    ['a', floats(1, 2)],
    ['b', floats(3, 4, 5)],
    ['c', floats(6)],
  ]);
  writeSafetensors(file, tensors, { dtype: (key) => (key === 'a' ? 'F32' : 'F16') });
  const checkpoint = openCheckpoint(folder);
  const cache = join(folder, 'cache');
  const mapped = mappedWeights(checkpoint, ['c', 'a', 'b'], cache);
  expect(mapped.get('a')?.file).toBe(file);
  for (const [key, { file: from, offset, length, shape }] of mapped) {
    const bytes = Uint8Array.from(readFileSync(from).subarray(offset, offset + length));
    expect(new Float32Array(bytes.buffer)).toEqual(tensors.get(key)?.data);
    expect(shape).toEqual(tensors.get(key)?.shape);
    if (key !== 'a') expect(offset % 64).toBe(0);
  }
  const [converted = ''] = readdirSync(cache);
  expect(converted).toMatch(/^[0-9a-f]{64}\.f32$/);
  writeFileSync(join(cache, converted), readFileSync(join(cache, converted)).fill(0));
  expect(mappedWeights(checkpoint, ['c', 'a', 'b'], cache)).toEqual(mapped);
  expect(readFileSync(join(cache, converted)).every((byte) => byte === 0)).toBe(true);
  writeFileSync(join(cache, converted), 'cut short');
  mappedWeights(checkpoint, ['c', 'a', 'b'], cache);
  expect(readFileSync(join(cache, converted))).toHaveLength(128);
  checkpoint.close();
});
