import { create, toBinary } from '@bufbuild/protobuf';
import type { FloatTensor } from '@vflair/core/tensor';
import {
  type AttributeProto,
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  StringStringEntryProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from 'onnx-buf';

type Attributes = { readonly [name: string]: number | readonly number[] | string | TensorProto };

const types = { float32: 1, int64: 7, bool: 9 } as const;

/** A tensor as exporters write it: its bytes. */
export function tensorProto(
  name: string,
  dtype: keyof typeof types,
  shape: readonly number[],
  values: readonly number[] | Float32Array,
): TensorProto {
  const numbers = [...values];
  const data =
    dtype === 'float32'
      ? Float32Array.from(numbers)
      : dtype === 'int64'
        ? BigInt64Array.from(numbers, BigInt)
        : Uint8Array.from(numbers);
  return create(TensorProtoSchema, {
    name,
    dataType: types[dtype],
    dims: shape.map(BigInt),
    rawData: new Uint8Array(data.buffer),
  });
}

/** Writes ONNX files node by node, with the names that PyTorch's exporter gives. */
export class ForeignGraph {
  readonly nodes: NodeProto[] = [];
  readonly initialisers: TensorProto[] = [];
  readonly inputs: ValueInfoProto[] = [];
  readonly outputs: ValueInfoProto[] = [];
  readonly #counts = new Map<string, number>();

  /** The module the next nodes are in. */
  path = '';

  input(name: string, shape: readonly (number | string)[], elemType = 7): string {
    this.inputs.push(info(name, shape, elemType));
    return name;
  }

  output(name: string, from: string): void {
    this.nodes.push(create(NodeProtoSchema, { opType: 'Identity', input: [from], output: [name] }));
    this.outputs.push(info(name, [], 1));
  }

  weight(name: string, { shape, data }: FloatTensor): string {
    this.initialisers.push(tensorProto(name, 'float32', shape, data));
    return name;
  }

  /** One result of a node. */
  node(op: string, inputs: readonly string[], attributes: Attributes = {}): string {
    return this.several(op, inputs, { count: 1, attributes })[0] ?? '';
  }

  several(
    op: string,
    inputs: readonly string[],
    { count, attributes = {} }: { readonly count: number; readonly attributes?: Attributes },
  ): string[] {
    const hint = `${this.path}/${op}`;
    const used = this.#counts.get(hint) ?? 0;
    this.#counts.set(hint, used + 1);
    const name = used === 0 ? hint : `${hint}_${used}`;
    const output = Array.from({ length: count }, (_, i) => `${name}_output_${i}`);
    const attribute = Object.entries(attributes).map(([key, value]) => attributeProto(key, value));
    this.nodes.push(
      create(NodeProtoSchema, { opType: op, name, input: [...inputs], output, attribute }),
    );
    return output;
  }

  ints(values: readonly number[], shape: readonly number[] = [values.length]): string {
    return this.node('Constant', [], { value: tensorProto('', 'int64', shape, values) });
  }

  float(value: number): string {
    return this.node('Constant', [], { value: tensorProto('', 'float32', [], [value]) });
  }

  /** Size of one axis as exporters find it, a scalar. */
  size(x: string, axis: number): string {
    return this.node('Gather', [this.node('Shape', [x]), this.ints([axis], [])], { axis: 0 });
  }

  /** A shape put together of scalars and numbers. */
  shape(parts: readonly (string | number)[]): string {
    const vectors = parts.map((part) =>
      typeof part === 'number' ? this.ints([part]) : this.node('Unsqueeze', [part, this.ints([0])]),
    );
    return this.node('Concat', vectors, { axis: 0 });
  }

  /** Moves the constants out of the model into bytes that lie beside it as `location`. */
  moveOut(location: string): Uint8Array {
    const parts: Uint8Array[] = [];
    let offset = 0;
    for (const tensor of this.initialisers) {
      const length = tensor.rawData.length;
      const entries = { location, offset: String(offset), length: String(length) };
      tensor.externalData = Object.entries(entries).map(([key, value]) =>
        create(StringStringEntryProtoSchema, { key, value }),
      );
      tensor.dataLocation = 1;
      parts.push(tensor.rawData);
      tensor.rawData = new Uint8Array();
      offset += length;
    }
    return Buffer.concat(parts);
  }

  bytes(opset: number): Uint8Array {
    const graph = create(GraphProtoSchema, {
      name: 'main_graph',
      node: this.nodes,
      initializer: this.initialisers,
      input: this.inputs,
      output: this.outputs,
    });
    const model = { irVersion: 8n, producerName: 'pytorch', graph };
    const opsetImport = [{ domain: '', version: BigInt(opset) }];
    return toBinary(ModelProtoSchema, create(ModelProtoSchema, { ...model, opsetImport }));
  }
}

function attributeProto(name: string, value: Attributes[string]): AttributeProto {
  if (typeof value === 'string')
    return create(AttributeProtoSchema, { name, type: 3, s: new TextEncoder().encode(value) });
  if (typeof value === 'number') {
    return Number.isInteger(value)
      ? create(AttributeProtoSchema, { name, type: 2, i: BigInt(value) })
      : create(AttributeProtoSchema, { name, type: 1, f: value });
  }
  if (isTensor(value)) return create(AttributeProtoSchema, { name, type: 4, t: value });
  return create(AttributeProtoSchema, { name, type: 7, ints: value.map(BigInt) });
}

const isTensor = (value: readonly number[] | TensorProto): value is TensorProto =>
  !Array.isArray(value);

function info(name: string, shape: readonly (number | string)[], elemType: number): ValueInfoProto {
  const dim = shape.map((size) => ({
    value:
      typeof size === 'number'
        ? { case: 'dimValue' as const, value: BigInt(size) }
        : { case: 'dimParam' as const, value: size },
  }));
  const tensor = { elemType, ...(dim.length > 0 ? { shape: { dim } } : {}) };
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: 'tensorType', value: tensor } },
  });
}
