import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGraph, type ExternalData, encodeModel } from '@vflair/core/graph';
import { Session } from '@vflair/core/session';
import { type FloatTensor, floatTensor, randomStream, type Tensor } from '@vflair/core/tensor';
import { openCheckpoint, writeSafetensors } from '@vflair/models';
import { afterAll, beforeAll, expect, test } from 'vitest';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vflair weights '));
});
afterAll(() => rmSync(folder, { recursive: true }));

const normals = (name: string, shape: readonly number[]): FloatTensor => {
  const random = randomStream(name);
  const size = shape.reduce((product, axis) => product * axis, 1);
  return floatTensor(shape, Float32Array.from({ length: size }, random.normal));
};

/** What a session reads of a parameter that lies in a file: x·W with x = 1, which takes every element. */
async function readThrough(
  shape: readonly number[],
  external: ExternalData,
): Promise<Tensor | undefined> {
  const g = createGraph();
  const weight = g.parameter('w', { dtype: 'float32', shape, external });
  g.output('copy', g.identity(weight));
  g.output('sums', g.sum(weight, [0]));
  const session = await Session.open(encodeModel(g));
  const { copy, sums } = await session.run({});
  await session.close();
  const columns = shape[1] ?? 1;
  const data = copy?.data ?? [];
  Array.from(sums?.data ?? [], Number).forEach((sum, column) => {
    let expected = 0;
    for (let i = column; i < data.length; i += columns) expected += Number(data[i]);
    expect(sum).toBeCloseTo(expected, 3);
  });
  return copy;
}

test('parameters are read where a safetensors file has them, at any offset', async () => {
  const file = join(folder, 'model.safetensors');
  // Odd sizes, so that tensors begin away from page and cache-line borders; one is larger than a page.
  const shapes: readonly (readonly [string, number[]])[] = [
    ['a', [3]],
    ['b', [7, 5]],
    ['c', [61, 67]],
    ['d', [1, 1]],
    ['e', [2, 9]],
  ];
  const tensors = new Map(shapes.map(([key, shape]) => [key, normals(key, shape)]));
  writeSafetensors(file, tensors);
  const checkpoint = openCheckpoint(file);
  const offsets = [...checkpoint.tensors.values()].map(({ offset }) => offset % 64);
  expect(new Set(offsets).size).toBeGreaterThan(2);
  for (const [key, { shape, offset, length }] of checkpoint.tensors) {
    const found = await readThrough(shape, { file, offset, length });
    expect(found?.data, key).toEqual(tensors.get(key)?.data);
  }
  checkpoint.close();
});

test('two sessions share one file', async () => {
  const file = join(folder, 'shared.bin');
  const tensor = normals('shared', [40, 40]);
  writeFileSync(file, new Uint8Array(tensor.data.buffer));
  const external = { file, offset: 0, length: 4 * tensor.data.length };
  const [one, other] = await Promise.all([
    readThrough([40, 40], external),
    readThrough([40, 40], external),
  ]);
  expect(one?.data).toEqual(tensor.data);
  expect(other?.data).toEqual(tensor.data);
});

test('a file that is too short is refused when the session opens', async () => {
  const file = join(folder, 'short.bin');
  writeFileSync(file, new Uint8Array(8));
  await expect(readThrough([4, 4], { file, offset: 0, length: 64 })).rejects.toThrow();
});

test('names with blanks, and offsets beyond the first page, are no obstacle', async () => {
  const file = join(folder, 'a file.bin');
  const tensor = normals('blanks', [5, 5]);
  const bytes = new Uint8Array(10_000 + 100);
  bytes.set(new Uint8Array(tensor.data.buffer), 10_000);
  writeFileSync(file, bytes);
  expect((await readThrough([5, 5], { file, offset: 10_000, length: 100 }))?.data).toEqual(
    tensor.data,
  );
});
