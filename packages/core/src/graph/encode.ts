import type { DType, Tensor } from '../tensor/index.js';
import { Bug } from '../text/index.js';
import type { Attribute, GraphCore, Initializer, Node, Value } from './graph.js';
import { WireWriter } from './wire.js';

// Field numbers below are those of onnx.proto3 (ONNX 1.19, IR version 11, operator set 23).
const irVersion = 11;
const operatorSet = 23;
const typeCodes: { readonly [D in DType]: number } = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  bool: 9,
};

/** What is written: a graph's nodes may be restricted to those its outputs need. */
export interface EncodedModel {
  readonly bytes: Uint8Array;
  readonly inputs: readonly Value[];
  readonly outputs: readonly { readonly name: string; readonly value: Value }[];
}

/**
 * The graph as an ONNX model: only nodes, constants and inputs that `outputs` need. Values of `given` are fed from
 * outside instead of being computed. External data stay outside.
 */
export function encodeModel(
  graph: GraphCore,
  outputs: ReadonlyMap<string, Value> = graph.outputs,
  given: readonly Value[] = [],
): EncodedModel {
  const needed = neededNodes(graph, [...outputs.values()], given);
  const used = new Set(needed.flatMap((node) => node.inputs.map((value) => value?.name)));
  for (const value of outputs.values()) used.add(value.name);
  const inputs = [...graph.inputs, ...given].filter((value) => used.has(value.name));
  const produced = new Set(needed.flatMap((node) => node.outputs.map((value) => value.name)));
  for (const [name, value] of outputs) {
    if (!produced.has(value.name))
      throw new Bug('VF919', `output \`${name}\` is not the result of a node`);
  }
  const unique = new Map([...outputs.values()].map((value) => [value.name, value]));
  const constants = [...graph.initializers.values()].filter(({ value }) => used.has(value.name));
  const model = new WireWriter();
  model.varint(1, irVersion).bytes(2, 'vflair');
  model.message(8, (opset) => opset.bytes(1, '').varint(2, operatorSet));
  model.message(8, (opset) => opset.bytes(1, 'com.microsoft').varint(2, 1));
  model.message(7, (body) => {
    for (const node of needed) body.message(1, (nested) => writeNode(nested, node, used));
    body.bytes(2, 'graph');
    for (const constant of constants)
      body.message(5, (nested) => writeInitializer(nested, constant));
    for (const value of inputs) body.message(11, (nested) => writeValue(nested, value));
    for (const value of unique.values()) body.message(12, (nested) => writeValue(nested, value));
  });
  return {
    bytes: model.finish(),
    inputs,
    outputs: [...outputs].map(([name, value]) => ({ name, value })),
  };
}

/** The nodes that `results` depend on, in order; those that only make `given` values are left out. */
export function neededNodes(
  graph: GraphCore,
  results: readonly Value[],
  given: readonly Value[] = [],
): Node[] {
  const wanted = new Set(results.map((value) => value.name));
  const fed = new Set(given.map((value) => value.name));
  const needed: Node[] = [];
  for (const node of [...graph.nodes].reverse()) {
    if (!node.outputs.some((value) => wanted.has(value.name) && !fed.has(value.name))) continue;
    needed.push(node);
    for (const value of node.inputs) if (value) wanted.add(value.name);
  }
  return needed.reverse();
}

/** Operators whose results are all there or none. */
const isWhole: ReadonlySet<string> = new Set(['Split', 'TopK']);

function writeNode(out: WireWriter, node: Node, used: ReadonlySet<string | undefined>): void {
  for (const value of node.inputs) out.bytes(1, value?.name ?? '');
  // Optional results nobody reads are left out, so that kernels need not compute them.
  const last = node.outputs.findLastIndex((value, i) => i === 0 || used.has(value.name));
  const results = isWhole.has(node.op) ? node.outputs : node.outputs.slice(0, last + 1);
  for (const value of results) out.bytes(2, value.name);
  out.bytes(3, node.outputs[0]?.name ?? node.op).bytes(4, node.op);
  for (const [name, attribute] of Object.entries(node.attributes)) {
    out.message(5, (nested) => writeAttribute(nested, name, attribute));
  }
  if (node.domain !== '') out.bytes(7, node.domain);
}

function writeAttribute(out: WireWriter, name: string, attribute: Attribute): void {
  out.bytes(1, name);
  if (typeof attribute === 'number') out.varint(3, attribute).varint(20, 2);
  else if (typeof attribute === 'string') out.bytes(4, attribute).varint(20, 3);
  else if ('float' in attribute) out.float(2, attribute.float).varint(20, 1);
  else {
    for (const item of attribute) out.varint(8, item);
    out.varint(20, 7);
  }
}

function writeInitializer(out: WireWriter, { value, tensor, external }: Initializer): void {
  for (const dim of value.shape) out.varint(1, Number(dim));
  out.varint(2, typeCodes[value.dtype]).bytes(8, value.name);
  if (external) {
    const entries = {
      location: external.file.replace(/^([A-Za-z]:)?[\\/]+/, ''),
      offset: String(external.offset),
      length: String(external.length),
    };
    for (const [key, text] of Object.entries(entries))
      out.message(13, (entry) => entry.bytes(1, key).bytes(2, text));
    out.varint(14, 1);
  } else if (tensor) {
    out.bytes(9, rawBytes(tensor));
  }
}

function rawBytes({ data }: Tensor): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function writeValue(out: WireWriter, value: Value): void {
  out.bytes(1, value.name).message(2, (type) =>
    type.message(1, (tensor) => {
      tensor.varint(1, typeCodes[value.dtype]);
      tensor.message(2, (shape) => {
        for (const dim of value.shape) {
          shape.message(1, (nested) =>
            typeof dim === 'number' ? nested.varint(1, dim) : nested.bytes(2, dim),
          );
        }
      });
    }),
  );
}
