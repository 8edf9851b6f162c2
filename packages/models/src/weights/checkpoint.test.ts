import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { floatTensor, intTensor, sizeOf, type Tensor } from '@vflair/core/tensor';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { sharedCase } from '../testing/shared-folder.js';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { openCheckpoint } from './checkpoint.js';
import { encodeSafetensors, writeSafetensors } from './write-safetensors.js';

function floats(...values: number[]): Tensor {
  return floatTensor([values.length], Float32Array.from(values));
}

/** A safetensors file with any header, sound or not. */
function rawFile(header: object | string, data: Uint8Array = new Uint8Array(0)): Uint8Array {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([prefix, json, data]);
}

function openBytes(bytes: Uint8Array): ReturnType<typeof openCheckpoint> {
  const file = join(temporaryFolder(onTestFinished), 'model.safetensors');
  writeFileSync(file, bytes);
  return openCheckpoint(file);
}

const f32 = (begin: number, end: number, ...shape: number[]): object => ({
  dtype: 'F32',
  shape,
  data_offsets: [begin, end],
});

const recorded = sharedCase('every recorded gpt2 and bert file, read and written again', [
  'golden/families/gpt2',
  'golden/families/bert',
]);
test.skipIf(recorded.isAbsent)(recorded.title, () => {
  const root = join(recorded.folder, 'golden/families');
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => /^(gpt2|bert)\/.*\.safetensors$/.test(name));
  expect(files.length).toBeGreaterThan(20);
  for (const name of files) {
    const source = openCheckpoint(join(root, name));
    const tensors = new Map<string, Tensor>();
    for (const [key, { dtype, shape }] of source.tensors) {
      expect(['F32', 'I64']).toContain(dtype);
      const tensor = dtype === 'I64' ? source.readInt(key) : source.read(key);
      expect(tensor.shape).toEqual(shape);
      tensors.set(key, tensor);
    }
    const copy = openBytes(encodeSafetensors(tensors));
    for (const [key, { dtype, data }] of tensors) {
      const again = dtype === 'int64' ? copy.readInt(key) : copy.read(key);
      expect(again.data).toEqual(data);
    }
    copy.close();
    source.close();
  }
});

const sharded = sharedCase('shards are one checkpoint', ['golden/families/llama/tied-llama3-lm']);
test.skipIf(sharded.isAbsent)(sharded.title, () => {
  const folder = join(sharded.folder, 'golden/families/llama/tied-llama3-lm');
  const checkpoint = openCheckpoint(folder);
  expect(new Set([...checkpoint.tensors.values()].map(({ file }) => file)).size).toBeGreaterThan(1);
  for (const key of checkpoint.tensors.keys()) {
    const { data, shape } = checkpoint.read(key);
    expect(data).toHaveLength(sizeOf(shape));
  }
  checkpoint.close();
});

const half = sharedCase('float16 weights read as float32', ['models/all-minilm-l6-v2']);
test.skipIf(half.isAbsent)(half.title, () => {
  const checkpoint = openCheckpoint(join(half.folder, 'models/all-minilm-l6-v2'));
  const elements = [...checkpoint.tensors.values()].map(({ shape }) => sizeOf(shape));
  expect(elements.reduce((sum, count) => sum + count, 0)).toBe(22_713_216);
  const { shape, data } = checkpoint.read('embeddings.word_embeddings.weight');
  expect(shape).toEqual([30522, 384]);
  // Weights of a trained embedding: small, and centred near zero.
  expect(data.every((x) => Math.abs(x) < 4)).toBe(true);
  checkpoint.close();
});

test('what is written is read again, whatever order it came in', () => {
  const values = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { maxLength: 9 });
  fc.assert(
    fc.property(fc.dictionary(fc.string({ minLength: 1 }), values), (record) => {
      const entries = Object.entries(record).map(([key, list]): [string, Tensor] => [
        `t.${key}`,
        floats(...list),
      ]);
      const bytes = encodeSafetensors(new Map(entries), { metadata: { format: 'pt' } });
      expect(encodeSafetensors(new Map(entries.reverse()), { metadata: { format: 'pt' } })).toEqual(
        bytes,
      );
      const checkpoint = openBytes(bytes);
      for (const [key, { data }] of entries) expect(checkpoint.read(key).data).toEqual(data);
      expect(checkpoint.metadata.get('format')).toBe('pt');
      checkpoint.close();
    }),
    { numRuns: 50 },
  );
});

test('each tensor is aligned to its element size, the data to 64 bytes', () => {
  const tensors = new Map<string, Tensor>([
    ['a', floats(1, 2, 3)],
    ['b', floats(1)],
    ['c', intTensor([1], [7])],
  ]);
  const checkpoint = openBytes(
    encodeSafetensors(tensors, { dtype: (key) => (key === 'a' ? 'F16' : 'F32') }),
  );
  const { a, b, c } = Object.fromEntries(checkpoint.tensors);
  expect([a?.dtype, b?.dtype, c?.dtype]).toEqual(['F16', 'F32', 'I64']);
  expect((c?.offset ?? 1) % 64).toBe(0);
  expect((b?.offset ?? 1) % 4).toBe(0);
  expect(checkpoint.readInt('c').data).toEqual(BigInt64Array.of(7n));
  expect(checkpoint.read('a').data).toEqual(Float32Array.of(1, 2, 3));
  checkpoint.close();
});

test('a file that cannot be written leaves the old one, and no rest', () => {
  const folder = temporaryFolder(onTestFinished);
  const file = join(folder, 'model.safetensors');
  writeSafetensors(file, new Map([['a', floats(1)]]));
  const before = readFileSync(file);
  const tooLarge = new Map([
    ['a', floats(1)],
    ['b', floats(1e6)],
  ]);
  expect(() => writeSafetensors(file, tooLarge, { dtype: () => 'F16' })).toThrow(/VF518.*`b`/);
  expect(readFileSync(file)).toEqual(before);
  expect(readdirSync(folder)).toEqual(['model.safetensors']);
  expect(() => writeSafetensors(join(folder, 'none', 'x'), tooLarge)).toThrow(/VF570/);
});

test('a tensor that is not there is VF517 with the nearest names', () => {
  const checkpoint = openBytes(encodeSafetensors(new Map([['wte.weight', floats(1)]])));
  expect(() => checkpoint.read('wte.weights')).toThrow(/VF517.*`wte.weights`/);
  checkpoint.close();
});

test('NaN and infinities are VF518, naming the tensor', () => {
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
    const checkpoint = openBytes(encodeSafetensors(new Map([['ln.bias', floats(0, bad)]])));
    expect(() => checkpoint.read('ln.bias')).toThrow(/VF518.*`ln.bias`/);
    checkpoint.close();
  }
});

test('a type that is no float is VF513 when read as one', () => {
  const checkpoint = openBytes(encodeSafetensors(new Map([['ids', intTensor([1], [1])]])));
  expect(() => checkpoint.read('ids')).toThrow(/VF513/);
  checkpoint.close();
});

test.each([
  ['shorter than its length field', new Uint8Array(5), /VF511/],
  ['header beyond the end', rawFile({ a: f32(0, 4, 1) }).subarray(0, 20), /VF511/],
  [
    'header larger than the format allows',
    Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 127),
    /VF512/,
  ],
  ['header that is no JSON', rawFile('{"a":'), /VF512/],
  ['header that is a list', rawFile('[]'), /VF512/],
  [
    'two tensors of one name',
    rawFile(
      '{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"\\u0061":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}',
    ),
    /VF512.*`a` twice/,
  ],
  [
    'unknown type',
    rawFile({ a: { dtype: 'F31', shape: [], data_offsets: [0, 4] } }),
    /VF513.*`F31`/,
  ],
  ['negative axis', rawFile({ a: f32(0, 4, -1) }, new Uint8Array(4)), /VF512/],
  ['shape that needs more bytes', rawFile({ a: f32(0, 4, 2) }, new Uint8Array(4)), /VF514/],
  [
    'shape whose size overflows',
    rawFile({ a: f32(0, 4, 2 ** 40, 2 ** 40) }, new Uint8Array(4)),
    /VF514/,
  ],
  ['tensor beyond the end', rawFile({ a: f32(0, 8, 2) }, new Uint8Array(4)), /VF515/],
  ['end before begin', rawFile({ a: f32(4, 0, 0) }, new Uint8Array(4)), /VF515/],
  ['overlap', rawFile({ a: f32(0, 8, 2), b: f32(4, 12, 2) }, new Uint8Array(12)), /VF515.*overlap/],
  ['gap', rawFile({ a: f32(0, 4, 1), b: f32(8, 12, 1) }, new Uint8Array(12)), /VF515/],
  ['bytes after the last tensor', rawFile({ a: f32(0, 4, 1) }, new Uint8Array(8)), /VF515/],
  ['metadata that is no text', rawFile({ __metadata__: { format: 1 } }), /VF512/],
])('a file with %s is refused', (_, bytes, code) => {
  expect(() => openBytes(bytes)).toThrow(code);
});

test('a folder without weights, a missing file and a folder in a file place are VF510', () => {
  const folder = temporaryFolder(onTestFinished);
  expect(() => openCheckpoint(folder)).toThrow(/VF510/);
  expect(() => openCheckpoint(join(folder, 'absent.safetensors'))).toThrow(/VF510/);
  mkdirSync(join(folder, 'model.safetensors'));
  expect(() => openCheckpoint(folder)).toThrow(/VF510/);
});

function writeIndex(folder: string, map: unknown): void {
  writeFileSync(join(folder, 'model.safetensors.index.json'), JSON.stringify({ weight_map: map }));
}

test.each([
  ['a path out of the folder', { a: '../secret.safetensors' }, /VF516/],
  ['an absolute path', { a: '/etc/passwd' }, /VF516/],
  ['the index itself', { a: 'model.safetensors.index.json' }, /VF516/],
  ['a missing shard', { a: 'model-2.safetensors' }, /VF510.*model-2/],
  ['a tensor its shard lacks', { a: 'part.safetensors', b: 'part.safetensors' }, /VF516.*`b`/],
  ['no file name', { a: 3 }, /VF516/],
  ['no map', 'a', /VF516/],
])('an index with %s is refused', (_, map, code) => {
  const folder = temporaryFolder(onTestFinished);
  writeSafetensors(join(folder, 'part.safetensors'), new Map([['a', floats(1)]]));
  writeIndex(folder, map);
  expect(() => openCheckpoint(folder)).toThrow(code);
});
