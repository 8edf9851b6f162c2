import { closeSync, fstatSync } from 'node:fs';
import { fromBinary } from '@bufbuild/protobuf';
import { Findings } from '@vflair/core/text';
import { type GraphProto, type ModelProto, ModelProtoSchema } from 'onnx-buf';
import { readBytes } from '../weights/file-bytes.js';
import { openFile } from '../weights/safetensors-header.js';
import { shortName } from '../weights/stored-type.js';
import type { ForeignInput, ForeignModel, ForeignNode, Initialiser } from './foreign-model.js';
import { inOrder } from './in-order.js';
import { readInitialiser, type Source } from './read-initialiser.js';
import { readNode } from './read-node.js';
import { notComputed, unreadable } from './wrong.js';

/** Largest message of the format. */
const LARGEST = 2 ** 31 - 1;
/** Operator sets whose operators are known. */
const OPSETS = { first: 11, last: 23 } as const;

/**
 * Reads and checks an ONNX file: names stand once, nodes have an order, constants lie in the file or beside it. Raises
 * VF510 (no file), VF513–VF515 (constants), VF576 (unreadable or contradictory), VF577 (operator set).
 */
export function readOnnx(file: string): ForeignModel {
  const source = { file, bytes: bytesOfFile(file) };
  const model = parse(source);
  const { graph } = model;
  if (!graph) throw unreadable(file, 'it has no graph');
  const opset = opsetOf(model, file);
  try {
    return readGraph(graph, opset, source);
  } catch (error) {
    if (error instanceof Findings) throw error;
    throw unreadable(file, error instanceof Error ? error.message : String(error));
  }
}

function bytesOfFile(file: string): Uint8Array {
  const descriptor = openFile(file);
  try {
    const length = fstatSync(descriptor).size;
    if (length > LARGEST)
      throw unreadable(file, `it has ${length} bytes, and the format allows ${LARGEST}`);
    return readBytes(descriptor, { file, offset: 0, length });
  } finally {
    closeSync(descriptor);
  }
}

function parse({ file, bytes }: Source): ModelProto {
  try {
    return fromBinary(ModelProtoSchema, bytes);
  } catch (error) {
    throw unreadable(file, error instanceof Error ? error.message : String(error));
  }
}

function opsetOf({ opsetImport, functions }: ModelProto, file: string): number {
  if (functions.length > 0)
    throw unreadable(file, 'it has functions of its own, which are not read: inline them');
  const version = Number(
    opsetImport.find(({ domain }) => domain === '' || domain === 'ai.onnx')?.version ?? 0,
  );
  if (version >= OPSETS.first && version <= OPSETS.last) return version;
  throw notComputed(
    { op: 'all', name: file },
    `its operator set is ${version}, read are ${OPSETS.first} to ${OPSETS.last}`,
  );
}

function readGraph(graph: GraphProto, opset: number, source: Source): ForeignModel {
  const { file } = source;
  if (graph.sparseInitializer.length > 0) throw unreadable(file, 'it has sparse constants');
  const initialisers = new Map<string, Initialiser>();
  const define = (name: string, value: Initialiser): void => {
    if (name === '') throw unreadable(file, 'a constant has no name');
    if (initialisers.has(name)) throw twice(file, name);
    initialisers.set(name, value);
  };
  for (const tensor of graph.initializer) define(tensor.name, readInitialiser(tensor, source));
  const nodes: ForeignNode[] = [];
  for (const [index, proto] of graph.node.entries()) {
    if (proto.opType === 'Constant' && proto.attribute[0]?.name === 'value' && proto.attribute[0].t)
      define(proto.output[0] ?? '', readInitialiser(proto.attribute[0].t, source));
    else nodes.push(readNode(proto, index, source));
  }
  const inputs = graph.input
    .filter(({ name }) => !initialisers.has(name))
    .map(({ name, type }): ForeignInput => {
      const tensor = type?.value.case === 'tensorType' ? type.value.value : undefined;
      return { name, type: tensor?.elemType ?? 0, rank: tensor?.shape?.dim.length };
    });
  const outputs = graph.output.map(({ name }) => name);
  const makers = makersOf(file, nodes, [...initialisers.keys(), ...inputs.map(({ name }) => name)]);
  const known = new Set([...initialisers.keys(), ...inputs.map(({ name }) => name)]);
  return {
    file,
    opset,
    nodes: inOrder(file, nodes, known),
    makers,
    initialisers,
    inputs,
    outputs,
  };
}

function makersOf(
  file: string,
  nodes: readonly ForeignNode[],
  given: readonly string[],
): Map<string, ForeignNode> {
  const names = new Set<string>();
  for (const name of given) {
    if (names.has(name)) throw twice(file, name);
    names.add(name);
  }
  const makers = new Map<string, ForeignNode>();
  for (const node of nodes) {
    for (const name of node.outputs) {
      if (name === '') continue;
      if (names.has(name)) throw twice(file, name);
      names.add(name);
      makers.set(name, node);
    }
  }
  return makers;
}

const twice = (file: string, name: string): Error =>
  unreadable(file, `\`${shortName(name)}\` is there twice`);
