import type { Parameters } from '@vflair/core/contract';
import type { Graph, Value } from '@vflair/core/graph';
import { Findings } from '@vflair/core/text';
import { Call } from './call.js';
import { constantTensor } from './constant-tensor.js';
import { neededFor } from './dependence.js';
import type { ForeignModel, ForeignNode } from './foreign-model.js';
import { constantOf, type Foreign, inGraph, type Sizes } from './foreign-value.js';
import { operators } from './ops/index.js';
import { onSizes } from './ops/sizes.js';
import type { ForeignWeight } from './weights.js';
import { notComputed } from './wrong.js';

/** What is known of a model before a graph is built. */
export interface Knowledge {
  readonly model: ForeignModel;
  readonly weights: ReadonlyMap<string, ForeignWeight>;
  /** Values that depend on the elements of the ids. */
  readonly active: ReadonlySet<string>;
  /** Values that are known as sizes, so that no slice computes them. */
  readonly sizes: ReadonlyMap<string, Sizes>;
}

/** Where a piece is replayed. */
export interface Scene {
  readonly g: Graph;
  readonly parameters: Parameters;
  /** Inputs of the file by their names in it. */
  readonly input: (name: string) => Value;
  /** Values that no token moves, which all pieces of one graph share. */
  readonly fixed: Map<string, Foreign>;
}

/** Adds to the graph what makes `target` from the values of `given`; raises VF577 for what isn't computed. */
export function replay(
  knowledge: Knowledge,
  scene: Scene,
  { target, given }: { readonly target: string; readonly given: ReadonlyMap<string, Foreign> },
): Map<string, Foreign> {
  const { model, sizes, active } = knowledge;
  const found = new Map(given);
  const known = new Set([...given.keys(), ...scene.fixed.keys()]);
  const { nodes } = neededFor(model, target, { given: known, sizes });
  const find = (name: string): Foreign => {
    const value = found.get(name) ?? scene.fixed.get(name) ?? sizes.get(name);
    if (value) return value;
    const start = source(knowledge, scene, name);
    scene.fixed.set(name, start);
    return start;
  };
  for (const node of nodes) {
    const results = run({ knowledge, scene, find }, node);
    for (const [i, name] of node.outputs.entries()) {
      const result = results[i];
      if (name === '' || !result) continue;
      if (active.has(name)) found.set(name, result);
      else scene.fixed.set(name, result);
    }
  }
  return found.set(target, find(target));
}

interface Stage {
  readonly knowledge: Knowledge;
  readonly scene: Scene;
  readonly find: (name: string) => Foreign;
}

function run({ knowledge, scene, find }: Stage, node: ForeignNode): readonly Foreign[] {
  const { model } = knowledge;
  const operator = ['', 'com.microsoft'].includes(node.domain) ? operators.get(node.op) : undefined;
  const call = new Call({
    g: scene.g,
    node,
    opset: model.opset,
    // A weight is asked for where it is used: a linear map takes it with its adapter.
    inputs: node.inputs.map((name) => (name === '' ? undefined : find(name))),
    parameters: scene.parameters,
    weightAt: (i) => weightAt(knowledge, node.inputs[i] ?? ''),
  });
  try {
    const early = onSizes(call);
    if (early) return [early];
    if (node.op === 'Constant') return [constantOf(scene.g, constantNode(call))];
    if (!operator) throw call.fail('this operator is not read');
    const result = operator(call);
    return isList(result) ? result : [result];
  } catch (error) {
    if (error instanceof Findings) throw error;
    throw notComputed(node, error instanceof Error ? error.message : String(error));
  }
}

function isList(result: Foreign | readonly Foreign[]): result is readonly Foreign[] {
  return Array.isArray(result);
}

/** A constant that is written as numbers among the attributes. */
function constantNode(call: Call) {
  const tensor = call.tensor('value');
  if (tensor) return tensor;
  const [entry] = call.parts.node.attributes;
  const [name, attribute] = entry ?? ['', undefined];
  const numbers =
    attribute?.kind === 'number'
      ? [attribute.value]
      : attribute?.kind === 'numbers'
        ? attribute.value
        : undefined;
  if (!numbers) throw call.fail('it holds no numbers');
  const shape = attribute?.kind === 'number' ? [] : [numbers.length];
  return name.startsWith('value_float')
    ? ({ dtype: 'float32', shape, data: Float32Array.from(numbers) } as const)
    : ({ dtype: 'int64', shape, data: BigInt64Array.from(numbers, BigInt) } as const);
}

function source({ model, weights }: Knowledge, scene: Scene, name: string): Foreign {
  const weight = weights.get(name);
  if (weight) return scene.parameters.weight(weight.key);
  const initialiser = model.initialisers.get(name);
  return initialiser ? constantOf(scene.g, constantTensor(initialiser)) : scene.input(name);
}

/** The parameter that a value is, or the transpose of. */
function weightAt(
  { model, weights }: Knowledge,
  name: string,
): { readonly key: string; readonly isTransposed: boolean } | undefined {
  const own = weights.get(name);
  if (own) return own.shape.length === 2 ? { key: own.key, isTransposed: false } : undefined;
  const maker = model.makers.get(name);
  const turned = maker?.op === 'Transpose' ? weights.get(maker.inputs[0] ?? '') : undefined;
  return turned?.shape.length === 2 ? { key: turned.key, isTransposed: true } : undefined;
}

/** A value of a replay in the graph. */
export function valueIn(scene: Scene, values: ReadonlyMap<string, Foreign>, name: string): Value {
  const value = values.get(name);
  if (!value) throw notComputed({ op: 'none', name }, 'nothing makes it');
  return inGraph(scene.g, value);
}
