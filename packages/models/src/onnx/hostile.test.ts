import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { create, toBinary } from '@bufbuild/protobuf';
import { floatTensor } from '@vflair/core/tensor';
import { Findings } from '@vflair/core/text';
import fc from 'fast-check';
import { GraphProtoSchema, ModelProtoSchema, TensorProtoSchema } from 'onnx-buf';
import { expect, onTestFinished, test } from 'vitest';
import { bertExport } from '../testing/bert-export.js';
import { ForeignGraph, tensorProto } from '../testing/foreign-graph.js';
import { gpt2Export } from '../testing/gpt2-export.js';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { readFacts } from './facts.js';
import { findOnnx } from './find-onnx.js';
import { readOnnxSpec } from './onnx-spec.js';
import { readOnnx } from './read-onnx.js';

/** A model of no particular numbers. */
const small = (): Uint8Array => {
  const shapes: readonly (readonly [RegExp, readonly number[]])[] = [
    [/wte/, [5, 4]],
    [/wpe/, [6, 4]],
    [/c_attn\.weight/, [4, 12]],
    [/c_attn\.bias/, [12]],
    [/c_fc\.weight/, [4, 8]],
    [/c_fc\.bias/, [8]],
    [/mlp\.c_proj\.weight/, [8, 4]],
    [/attn\.c_proj\.weight/, [4, 4]],
    [/./, [4]],
  ];
  const read = (key: string) => {
    const shape = shapes.find(([name]) => name.test(key))?.[1] ?? [4];
    const count = shape.reduce((product, size) => product * size, 1);
    return floatTensor(
      shape,
      Float32Array.from({ length: count }, (_, i) => Math.sin(i)),
    );
  };
  const sizes = { blocks: 2, width: 4, heads: 2, positions: 6, fused: true };
  return gpt2Export(read, sizes).bytes(17);
};

/** Codes of what is found when a file is opened as a language model; `[]` where nothing is. */
function codesOf(file: string): string[] {
  try {
    readOnnxSpec(file, readFacts(file), { head: 'lm', labels: undefined });
    return [];
  } catch (error) {
    if (error instanceof Findings) return error.diagnostics.map(({ code }) => code);
    throw error;
  }
}

const runs = process.env.VFLAIR_FULL === '1' ? 5000 : 300;

test('a file cut short or with bytes changed is a finding or a model, never a crash', () => {
  const folder = temporaryFolder(onTestFinished);
  const file = join(folder, 'model.onnx');
  const whole = small();
  writeFileSync(file, whole);
  expect(codesOf(file)).toEqual([]);
  const place = fc.nat({ max: whole.length - 1 });
  const change = fc.record({ place, value: fc.nat({ max: 255 }) });
  const damage = fc.record({
    length: fc.option(place, { freq: 2 }),
    changes: fc.array(change, { maxLength: 4 }),
  });
  fc.assert(
    fc.property(damage, ({ length, changes }) => {
      const bytes = whole.slice(0, length ?? whole.length);
      for (const { place, value } of changes) if (place < bytes.length) bytes[place] = value;
      writeFileSync(file, bytes);
      const codes = codesOf(file);
      expect(codes.every((code) => /^VF5(1\d|21|36|7[6-9])$/.test(code))).toBe(true);
    }),
    { numRuns: runs },
  );
});

test('a file without any node or with random bytes is a finding', () => {
  const file = join(temporaryFolder(onTestFinished), 'model.onnx');
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      writeFileSync(file, bytes);
      expect(codesOf(file)).toHaveLength(1);
    }),
    { numRuns: runs },
  );
});

/** A model with one constant beside it. */
function withExternal(entries: { readonly [key: string]: string }): Uint8Array {
  const externalData = Object.entries(entries).map(([key, value]) => ({ key, value }));
  const tensor = create(TensorProtoSchema, {
    name: 'w',
    dims: [2n, 2n],
    dataType: 1,
    dataLocation: 1,
    externalData,
  });
  const graph = create(GraphProtoSchema, { name: 'g', initializer: [tensor] });
  const opsetImport = [{ domain: '', version: 17n }];
  return toBinary(ModelProtoSchema, create(ModelProtoSchema, { graph, opsetImport }));
}

test.each([
  [{ location: '../outside.bin' }, 'VF515'],
  [{ location: 'sub/../../outside.bin' }, 'VF515'],
  [{ location: '..\\outside.bin' }, 'VF515'],
  [{ location: '/etc/hostname' }, 'VF515'],
  [{ location: 'C:\\data.bin' }, 'VF515'],
  [{ location: 'absent.bin' }, 'VF515'],
  [{ location: '' }, 'VF515'],
  [{ location: 'data.bin', offset: '8' }, 'VF515'],
  [{ location: 'data.bin', offset: '-4' }, 'VF515'],
  [{ location: 'data.bin', offset: '1e300' }, 'VF515'],
  [{ location: 'data.bin', length: '12' }, 'VF514'],
])('external data at %j are %s', (entries, code) => {
  const folder = join(temporaryFolder(onTestFinished), 'model');
  mkdirSync(folder);
  const file = join(folder, 'model.onnx');
  writeFileSync(join(dirname(folder), 'outside.bin'), new Uint8Array(64));
  writeFileSync(join(folder, 'data.bin'), new Uint8Array(20));
  writeFileSync(file, withExternal(entries));
  expect(codesOf(file)).toEqual([code]);
});

test('external data inside their file lie where the model says', () => {
  const folder = temporaryFolder(onTestFinished);
  writeFileSync(join(folder, 'model.onnx'), withExternal({ location: 'data.bin', offset: '4' }));
  writeFileSync(join(folder, 'data.bin'), new Uint8Array(20));
  expect(readOnnx(join(folder, 'model.onnx')).initialisers.get('w')).toEqual({
    dtype: 'F32',
    shape: [2, 2],
    file: join(folder, 'data.bin'),
    offset: 4,
    length: 16,
  });
});

/** A graph of one idea, and the code of what is wrong with it. */
const wrong: readonly (readonly [string, string, (f: ForeignGraph) => void])[] = [
  ['no output', 'VF578', () => {}],
  [
    'an operator that is not read',
    'VF577',
    (f) => f.output('logits', f.node('Attention', [f.input('input_ids', ['b', 's'])])),
  ],
  [
    'a past',
    'VF578',
    (f) => {
      const past = f.input('past_key_values.0.key', ['b', 2, 'p', 4], 1);
      f.output('logits', f.node('Add', [f.input('input_ids', ['b', 's']), past]));
    },
  ],
  ['no ids', 'VF578', (f) => f.output('logits', f.input('attention_mask', ['b', 's']))],
  [
    'a value that nothing makes',
    'VF576',
    (f) => f.output('logits', f.node('Add', [f.input('input_ids', ['b', 's']), 'nowhere'])),
  ],
  [
    'a circle',
    'VF576',
    (f) => f.output('logits', f.node('Add', [f.input('input_ids', ['b', 's']), '/Add_output_0'])),
  ],
  [
    'a name that is there twice',
    'VF576',
    (f) => {
      f.weight('w', floatTensor([1], Float32Array.of(1)));
      f.weight('w', floatTensor([1], Float32Array.of(2)));
    },
  ],
  [
    'a tensor with too few bytes',
    'VF514',
    (f) => f.initialisers.push({ ...tensorProto('w', 'float32', [2], [1]) }),
  ],
  [
    'no residual stream',
    'VF579',
    (f) => {
      const table = f.weight('table', floatTensor([3, 2], new Float32Array(6)));
      f.output('logits', f.node('Gather', [table, f.input('input_ids', ['b', 's'])]));
    },
  ],
];

test.each(wrong)('%s is %s', (_, code, build) => {
  const file = join(temporaryFolder(onTestFinished), 'model.onnx');
  const graph = new ForeignGraph();
  build(graph);
  writeFileSync(file, graph.bytes(17));
  expect(codesOf(file)).toEqual([code]);
});

test.each([9, 10, 24])('operator set %d is not read', (opset) => {
  const file = join(temporaryFolder(onTestFinished), 'model.onnx');
  writeFileSync(file, new ForeignGraph().bytes(opset));
  expect(codesOf(file)).toEqual(['VF577']);
});

test('cuts are those that vflair.json names, if the model can be cut there', () => {
  const folder = temporaryFolder(onTestFinished);
  const file = join(folder, 'model.onnx');
  writeFileSync(file, small());
  const cuts = (names: unknown): void =>
    writeFileSync(join(folder, 'vflair.json'), JSON.stringify({ cuts: names }));
  const blocks = (): number =>
    readOnnxSpec(file, readFacts(file), { head: 'lm', labels: undefined }).blocks;
  expect(blocks()).toBe(2);
  cuts(['/transformer/h.1/Add_1_output_0']);
  expect(blocks()).toBe(1);
  cuts(['/transformer/h.0/attn/MatMul_output_0']);
  expect(codesOf(file)).toEqual(['VF579']);
  cuts(['/transformer/h.1/Add_1_output_0', '/transformer/h.0/Add_1_output_0']);
  expect(codesOf(file)).toEqual(['VF579']);
  cuts('all');
  expect(codesOf(file)).toEqual(['VF579']);
});

test('weights under made-up names are known by the path of their map, and adapters sit on queries and values', () => {
  const file = join(temporaryFolder(onTestFinished), 'model.onnx');
  const read = (key: string) => {
    const shape = /embeddings\.\w+\.weight|dense\.weight|(query|key|value)\.weight/.test(key)
      ? [4, 4]
      : [4];
    const own = key === 'classifier.weight' ? [2, 4] : key === 'classifier.bias' ? [2] : shape;
    const norm = /LayerNorm/.test(key) ? [4] : own;
    return floatTensor(norm, new Float32Array(norm.reduce((a, b) => a * b, 1)));
  };
  writeFileSync(file, bertExport(read, { blocks: 1, width: 4, heads: 2, fused: true }).bytes(17));
  const spec = readOnnxSpec(file, readFacts(file), { head: 'cls', labels: undefined });
  const base = 'bert.encoder.layer.0.attention.self';
  expect(spec.defaultTargets).toEqual([`${base}.query.weight`, `${base}.value.weight`]);
  expect(spec.aliases(`${base}.query.weight`)).toEqual(['onnx::MatMul_1000']);
  expect(spec).toMatchObject({
    architecture: 'encoder',
    labels: 2,
    hasTokenTypes: true,
    blocks: 1,
  });
});

test('an ONNX file is looked for behind other weights', () => {
  const folder = temporaryFolder(onTestFinished);
  mkdirSync(join(folder, 'onnx'));
  expect(findOnnx(folder)).toBeUndefined();
  writeFileSync(join(folder, 'onnx', 'model.onnx'), '');
  expect(findOnnx(folder)).toBe(join(folder, 'onnx', 'model.onnx'));
  writeFileSync(join(folder, 'model.onnx'), '');
  expect(findOnnx(folder)).toBe(join(folder, 'model.onnx'));
  writeFileSync(join(folder, 'model.safetensors'), '');
  expect(findOnnx(folder)).toBeUndefined();
  expect(findOnnx(join(folder, 'other.onnx'))).toBe(join(folder, 'other.onnx'));
});
