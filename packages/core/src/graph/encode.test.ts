import { fromBinary } from '@bufbuild/protobuf';
import { type ModelProto, ModelProtoSchema } from 'onnx-buf';
import { expect, test } from 'vitest';
import { floatTensor, randomStream, type Tensor } from '../tensor/index.js';
import { evaluate, feedsOf, inputGraph, namesFor, opCases } from '../testing/index.js';
import { at, Bug } from '../text/index.js';
import { createGraph, type Graph } from './build.js';
import { encodeModel, neededNodes } from './encode.js';
import type { Attribute, Value } from './graph.js';

/** What an independent reader of the format makes of the bytes. */
const decode = (bytes: Uint8Array): ModelProto => fromBinary(ModelProtoSchema, bytes);

const typeCodes = { float32: 1, uint8: 2, int32: 6, int64: 7, bool: 9 };

function writtenValue({ name, dtype, shape }: Value) {
  const dims = shape.map((dim) =>
    typeof dim === 'number'
      ? { case: 'dimValue', value: BigInt(dim) }
      : { case: 'dimParam', value: dim },
  );
  return { name, type: typeCodes[dtype], dims };
}

function readValue(value: NonNullable<ModelProto['graph']>['input'][number]) {
  const tensor = value.type?.value.case === 'tensorType' ? value.type.value.value : undefined;
  const dims = tensor?.shape?.dim.map(({ value: dim }) => ({ case: dim.case, value: dim.value }));
  return { name: value.name, type: tensor?.elemType, dims };
}

const single = Math.fround;

function readAttribute(
  attribute: NonNullable<ModelProto['graph']>['node'][number]['attribute'][number],
): readonly [string, Attribute] {
  const kinds: { readonly [type: number]: () => Attribute } = {
    1: () => ({ float: attribute.f }),
    2: () => Number(attribute.i),
    3: () => new TextDecoder().decode(attribute.s),
    7: () => attribute.ints.map(Number),
  };
  return [attribute.name, kinds[attribute.type]?.() ?? 'unread'];
}

const writtenAttribute = (attribute: Attribute): Attribute =>
  typeof attribute === 'object' && 'float' in attribute
    ? { float: single(attribute.float) }
    : attribute;

test.each(Object.entries(opCases))(
  '%s is read back by another reader as it was built',
  (name, make) => {
    for (let i = 0; i < 4; i++) {
      const opCase = make(randomStream(`encode/${name}/${i}`));
      const { g, values } = inputGraph(opCase.inputs, namesFor(opCase));
      const results = opCase.build(g, values).map((value) => g.identity(value));
      const encoded = encodeModel(g, new Map(results.map((value) => [value.name, value])));
      const graph = decode(encoded.bytes).graph;
      expect(graph?.input.map(readValue)).toEqual(encoded.inputs.map(writtenValue));
      expect(graph?.output.map(readValue)).toEqual(results.map(writtenValue));
      expect(
        graph?.node.map(({ opType, domain, input, attribute }) => ({
          opType,
          domain,
          input,
          attributes: Object.fromEntries(attribute.map(readAttribute)),
        })),
      ).toEqual(
        neededNodes(g, results).map(({ op, domain, inputs, attributes }) => ({
          opType: op,
          domain,
          input: inputs.map((value) => value?.name ?? ''),
          attributes: Object.fromEntries(
            Object.entries(attributes).map(([key, attribute]) => [
              key,
              writtenAttribute(attribute),
            ]),
          ),
        })),
      );
    }
  },
);

test('the model names its versions and the operator sets it uses', () => {
  const model = decode(encodeModel(oneSum().g).bytes);
  expect(model.irVersion).toBe(11n);
  expect(model.opsetImport.map(({ domain, version }) => [domain, version])).toEqual([
    ['', 23n],
    ['com.microsoft', 1n],
  ]);
});

function oneSum(): { g: Graph; x: Value; sum: Value } {
  const g = createGraph();
  const x = g.input('x', 'float32', [2]);
  const sum = g.add(x, g.constant(floatTensor([2], Float32Array.of(1.5, -2))));
  g.output('sum', sum);
  return { g, x, sum };
}

test('results of operators that have all or none are written, read or not', () => {
  const g = createGraph();
  const x = g.input('x', 'float32', ['n', 4]);
  const [largest] = g.topK(x, 2);
  g.output('first', at(g.split(largest, [1, 1], -1), 0));
  const nodes = decode(encodeModel(g).bytes).graph?.node ?? [];
  expect(nodes.map(({ opType, output }) => [opType, output.length])).toEqual([
    ['TopK', 2],
    ['Split', 2],
  ]);
});

test('constants are kept bit for bit, with type and sizes', () => {
  const g = createGraph();
  const tensors: Tensor[] = [
    floatTensor([2, 2], Float32Array.of(0.1, -0, Number.MAX_VALUE, 1e-45)),
    { dtype: 'int64', shape: [2], data: BigInt64Array.of(-1n, 2n ** 62n) },
    { dtype: 'int32', shape: [1, 1], data: Int32Array.of(-7) },
    { dtype: 'bool', shape: [3], data: Uint8Array.of(1, 0, 1) },
    { dtype: 'uint8', shape: [0], data: new Uint8Array() },
  ];
  for (const [i, tensor] of tensors.entries()) g.output(`y${i}`, g.identity(g.constant(tensor)));
  const written = decode(encodeModel(g).bytes).graph?.initializer;
  expect(written?.map(({ dims, dataType, rawData }) => ({ dims, dataType, rawData }))).toEqual(
    tensors.map(({ dtype, shape, data }) => ({
      dims: shape.map(BigInt),
      dataType: typeCodes[dtype],
      rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    })),
  );
});

test('a parameter in a file is named by place, never copied in', () => {
  const g = createGraph();
  const external = { file: '/models/a b.safetensors', offset: 2 ** 33, length: 8 };
  g.output('y', g.identity(g.parameter('w', { dtype: 'float32', shape: [2], external })));
  const [tensor] = decode(encodeModel(g).bytes).graph?.initializer ?? [];
  expect(tensor?.dataLocation).toBe(1);
  expect(tensor?.rawData).toHaveLength(0);
  expect(
    Object.fromEntries(tensor?.externalData.map(({ key, value }) => [key, value]) ?? []),
  ).toEqual({
    location: 'models/a b.safetensors',
    offset: '8589934592',
    length: '8',
  });
});

test('what no output needs is left out', () => {
  const { g, x, sum } = oneSum();
  g.input('idle', 'float32', [1]);
  g.output('other', g.exp(x));
  const { bytes, inputs } = encodeModel(g, new Map([['sum', sum]]));
  expect(inputs.map(({ name }) => name)).toEqual(['x']);
  expect(decode(bytes).graph?.node.map(({ opType }) => opType)).toEqual(['Add']);
});

test('a value that is given is fed, and what made it is left out', async () => {
  const { g, sum } = oneSum();
  const y = g.neg(sum);
  const encoded = encodeModel(g, new Map([['y', y]]), [sum]);
  expect(encoded.inputs).toEqual([sum]);
  const found = await evaluate(g, [y], { [sum.name]: floatTensor([2], Float32Array.of(1, 2)) }, [
    sum,
  ]);
  expect(found[0]?.data).toEqual(Float32Array.of(-1, -2));
});

test('optional results that nobody reads are not asked for', () => {
  const g = createGraph();
  const x = g.input('x', 'float32', [2, 3]);
  g.output('y', g.layerNorm(x, g.input('w', 'float32', [3]), { epsilon: 1e-5 }));
  expect(decode(encodeModel(g).bytes).graph?.node[0]?.output).toHaveLength(1);
});

test('two output names of one value are one output of the model', async () => {
  const { g, x, sum } = oneSum();
  const encoded = encodeModel(
    g,
    new Map([
      ['a', sum],
      ['b', sum],
    ]),
  );
  expect(decode(encoded.bytes).graph?.output).toHaveLength(1);
  expect(encoded.outputs.map(({ name }) => name)).toEqual(['a', 'b']);
  const feeds = feedsOf([]);
  const found = await evaluate(g, [sum, sum], {
    ...feeds,
    [x.name]: floatTensor([2], Float32Array.of(0, 0)),
  });
  expect(found.map(({ data }) => [...data])).toEqual([
    [1.5, -2],
    [1.5, -2],
  ]);
});

test('an output that is no node’s result is refused', () => {
  const { g, x } = oneSum();
  expect(() => encodeModel(g, new Map([['y', x]]))).toThrow(Bug);
});
