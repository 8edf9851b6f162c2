import type { Parameters } from '@vflair/core/contract';
import { createGraph, type Dim, type Value } from '@vflair/core/graph';
import { present } from '@vflair/core/text';
import { dependents, neededFor } from './dependence.js';
import { chosenOutput, type InputKind, inputKinds } from './ends.js';
import type { ForeignModel, ForeignNode } from './foreign-model.js';
import { isSizes, type Sizes } from './foreign-value.js';
import { type Knowledge, replay } from './replay.js';
import { type Cuts, findCuts } from './residual.js';
import { weightsOf } from './weights.js';
import { wrongEnds } from './wrong.js';

/** All that is found out about a file before graphs are built of it. */
export interface OnnxPlan extends Knowledge {
  readonly output: string;
  readonly inputs: ReadonlyMap<string, InputKind>;
  /** The file's name for the ids. */
  readonly ids: string;
  readonly shapes: ReadonlyMap<string, readonly Dim[]>;
  readonly cuts: Cuts;
  /** Rows of the table of tokens looked up by the ids: the table and what comes out. */
  readonly embedding: { readonly table: string; readonly result: string };
}

/**
 * Replays a whole model once to learn the shape of every value, and finds its cuts. Raises VF577 (a node that isn't
 * computed), VF578 (inputs or outputs), VF579 (cuts).
 */
export function planOnnx(model: ForeignModel, cuts?: readonly string[]): OnnxPlan {
  const output = chosenOutput(model);
  const none = { given: new Set<string>(), sizes: new Map<string, Sizes>() };
  const all = neededFor(model, output, none);
  const inputs = inputKinds(model, all.sources);
  const ids = present([...inputs].find(([, kind]) => kind === 'ids')?.[0], 'ids');
  const active = dependents(model, ids);
  const weights = weightsOf({ ...model, nodes: all.nodes }, active);
  const start: Knowledge = { model, weights, active, sizes: none.sizes };
  const { shapes, sizes } = infer(start, { inputs, ids, output });
  const knowledge = { ...start, sizes };
  const { nodes } = neededFor(model, output, { given: none.given, sizes });
  const flow = { model, nodes, active, shapes, output };
  return {
    ...knowledge,
    output,
    inputs,
    ids,
    shapes,
    cuts: findCuts(flow, ids, cuts),
    embedding: embeddingOf(knowledge, nodes, ids),
  };
}

interface Wanted {
  readonly inputs: ReadonlyMap<string, InputKind>;
  readonly ids: string;
  readonly output: string;
}

function infer(
  knowledge: Knowledge,
  { inputs, ids, output }: Wanted,
): { readonly shapes: Map<string, readonly Dim[]>; readonly sizes: Map<string, Sizes> } {
  const g = createGraph();
  const values = new Map<InputKind, Value>();
  const input = (kind: InputKind): Value => {
    const value = values.get(kind) ?? g.input(kind, 'int64', ['batch', 'seq']);
    values.set(kind, value);
    return value;
  };
  const shapeOf = new Map([...knowledge.weights.values()].map(({ key, shape }) => [key, shape]));
  const parameters: Parameters = {
    weight: (key) =>
      g.parameter(key, {
        dtype: 'float32',
        shape: present(shapeOf.get(key), key),
        external: { file: '', offset: 0, length: 0 },
      }),
    has: (key) => shapeOf.has(key),
    adapter: () => undefined,
    trains: () => false,
  };
  const scene = {
    g,
    parameters,
    input: (name: string) =>
      castInput(knowledge.model, g, { name, value: input(present(inputs.get(name), name)) }),
    fixed: new Map(),
  };
  input('mask');
  const found = replay(knowledge, scene, { target: output, given: new Map([[ids, input('ids')]]) });
  const shapes = new Map<string, readonly Dim[]>();
  const sizes = new Map<string, Sizes>();
  for (const [name, value] of [...scene.fixed, ...found]) {
    shapes.set(name, value.shape);
    if (isSizes(value) && knowledge.model.makers.has(name)) sizes.set(name, value);
  }
  return { shapes, sizes };
}

/** An input as the file declares it: a mask may be of floats or booleans. */
export function castInput(
  { inputs }: ForeignModel,
  g: ReturnType<typeof createGraph>,
  { name, value }: { readonly name: string; readonly value: Value },
): Value {
  const type = inputs.find((input) => input.name === name)?.type ?? 7;
  if (type === 9) return g.cast(value, 'bool');
  return [1, 10, 11, 16].includes(type) ? g.cast(value, 'float32') : value;
}

function embeddingOf(
  { model, weights }: Knowledge,
  nodes: readonly ForeignNode[],
  ids: string,
): OnnxPlan['embedding'] {
  const isIds = (name: string): boolean => {
    const maker = model.makers.get(name);
    if (maker === undefined) return name === ids;
    const isSame = ['Cast', 'Identity', 'Reshape'].includes(maker.op);
    return isSame && isIds(maker.inputs[0] ?? '');
  };
  const found = nodes.filter(
    ({ op, inputs: [table = '', places = ''] }) =>
      op === 'Gather' && weights.get(table)?.shape.length === 2 && isIds(places),
  );
  const [only] = found;
  const [table, result] = [only?.inputs[0], only?.outputs[0]];
  if (only && found.length === 1 && table !== undefined && result !== undefined)
    return { table, result };
  throw wrongEnds(
    `\`${model.file}\` looks up its ids in ${found.length} tables, not in one`,
    'export a model that begins with one table of token embeddings',
  );
}
