import type {
  ModelSpec,
  PackedWeight,
  ParameterPlace,
  Parameters,
  StoredWeight,
} from '../contract/index.js';
import type { Graph, PackedMatrix, Value } from '../graph/index.js';
import { type FloatTensor, sizeOf } from '../tensor/index.js';
import { Bug, present } from '../text/index.js';

/** A contiguous part of a model: blocks `[first, end)`, with the embedding or the output at its ends. */
export interface Part {
  readonly embed: boolean;
  readonly first: number;
  readonly end: number;
  readonly output: boolean;
}

/** The whole model as one part. */
export function wholePart(spec: ModelSpec): Part {
  return { embed: true, first: 0, end: spec.blocks, output: true };
}

/** The parts of a model that is cut before the blocks `cuts`, ascending and distinct, 0 to the number of blocks. */
export function cutParts(spec: ModelSpec, cuts: readonly number[]): Part[] {
  return [...cuts, spec.blocks].map((end, i) => ({
    embed: i === 0,
    first: cuts[i - 1] ?? 0,
    end,
    output: i === cuts.length,
  }));
}

/** Whether a parameter at `places` belongs to `part`. */
export function belongs(part: Part, places: readonly ParameterPlace[]): boolean {
  return places.some((place) => {
    if (place === 'embed') return part.embed;
    return place === 'output' ? part.output : place >= part.first && place < part.end;
  });
}

/** A low-rank update of the linear map stored under a key: `a` `[rank, in]`, `b` `[out, rank]`, W + scale·B·A. */
export interface Adapter {
  readonly a: FloatTensor;
  readonly b: FloatTensor;
  readonly scale: number;
}

/** What a matrix is used for: a tied one is a table at the embedding and a linear map at the output. */
export type PackedUse = 'map' | 'table';

/** Where the parameters of a slice come from. Trained tensors are live: training changes their data in place. */
export interface Weights {
  readonly stored: (key: string) => StoredWeight;
  /** Linear maps, and tables whose rows are looked up, that are quantised; none when absent. */
  readonly packed?: (key: string, use: PackedUse) => PackedWeight | undefined;
  readonly trained: ReadonlyMap<string, FloatTensor>;
  readonly adapters: ReadonlyMap<string, Adapter>;
  /** Frozen matrices that are in memory and fed at each run: the sessions of a slice that trains share them. */
  readonly held?: ReadonlyMap<string, FloatTensor>;
}

/** Names under which trained tensors are fed and their gradients come out. */
export const inputNames = {
  parameter: (key: string): string => key,
  adapterA: (key: string): string => `${key}#lora_A`,
  adapterB: (key: string): string => `${key}#lora_B`,
} as const;

/** All trained tensors of `weights` by input name: parameters, then both halves of each adapter. */
export function trainedTensors(weights: Weights): Map<string, FloatTensor> {
  const all = new Map(weights.trained);
  for (const [key, { a, b }] of weights.adapters) {
    all.set(inputNames.adapterA(key), a);
    all.set(inputNames.adapterB(key), b);
  }
  return all;
}

/** All tensors that are fed at each run, by input name. */
export function fedTensors(weights: Weights): Map<string, FloatTensor> {
  return new Map([...(weights.held ?? []), ...trainedTensors(weights)]);
}

/** Smallest matrix that is held, in elements: below it a copy per session costs less than feeding it at each run. */
const leastHeld = 2 ** 18;

/** The matrices of a part that {@link Weights.held} is for: large ones, but tables that are only looked up in. */
export function heldKeys(spec: ModelSpec, part: Part): string[] {
  return partParameters(spec, part).flatMap(({ key, shape, places }) => {
    const isMultiplied = belongs({ ...part, embed: false }, places);
    return isMultiplied && shape.length === 2 && sizeOf(shape) >= leastHeld ? [key] : [];
  });
}

/** Parameters as a Module sees them: constants where frozen, graph inputs where trained. */
export function bindParameters(g: Graph, spec: ModelSpec, weights: Weights): Parameters {
  const known = new Set(spec.parameters.map(({ key }) => key));
  const inputs = new Map<string, Value>();
  const input = (name: string, tensor: FloatTensor): Value => {
    const value = inputs.get(name) ?? g.input(name, 'float32', tensor.shape);
    inputs.set(name, value);
    return value;
  };
  return {
    weight: (key) => {
      if (!known.has(key))
        throw new Bug('VF923', `the ${spec.family} family has no parameter \`${key}\``);
      const fed = weights.trained.get(key) ?? weights.held?.get(key);
      return fed ? input(inputNames.parameter(key), fed) : g.parameter(key, weights.stored(key));
    },
    has: (key) => known.has(key),
    packed: (key) => {
      const packed = packedOf(weights, key, 'map');
      return packed && packedMatrix(g, key, packed);
    },
    packedTable: (key) => {
      const packed = packedOf(weights, key, 'table');
      return packed && packedTable(g, key, packed);
    },
    trains: (key) => weights.trained.has(key),
    adapter: (key) => {
      const adapter = weights.adapters.get(key);
      if (!adapter) return undefined;
      const [a, b] = [
        input(inputNames.adapterA(key), adapter.a),
        input(inputNames.adapterB(key), adapter.b),
      ];
      return { a, b, scale: adapter.scale };
    },
  };
}

/** The blocks of a matrix that is quantised and not trained. */
export function packedOf(weights: Weights, key: string, use: PackedUse): PackedWeight | undefined {
  return weights.trained.has(key) ? undefined : weights.packed?.(key, use);
}

/** A packed weight as constants of the graph, under names of their own: the weight itself may be there, too. */
function packedMatrix(
  g: Graph,
  key: string,
  { bits, columns, values, scales, zeros, offsets }: PackedWeight,
): PackedMatrix {
  return {
    bits,
    columns,
    values: g.parameter(`${key}#values`, values),
    scales: g.parameter(`${key}#scales`, scales),
    ...(zeros ? { zeros: g.parameter(`${key}#zeros`, zeros) } : {}),
    ...(offsets ? { offsets: g.parameter(`${key}#offsets`, offsets) } : {}),
  };
}

/** The same bytes, with all of a row in one axis. */
function packedTable(g: Graph, key: string, packed: PackedWeight): PackedMatrix {
  const [rows = 0, ...rest] = packed.values.shape;
  const values = { ...packed.values, shape: [rows, sizeOf(rest)] };
  return packedMatrix(g, `${key}#table`, { ...packed, values });
}

/** The parameter specs of one part, in the family's order. */
export function partParameters(spec: ModelSpec, part: Part): ModelSpec['parameters'] {
  return spec.parameters.filter(({ places }) => belongs(part, places));
}

/** Shape of the parameter stored under `key`. */
export function parameterShape(spec: ModelSpec, key: string): readonly number[] {
  return present(
    spec.parameters.find((parameter) => parameter.key === key),
    `parameter ${key}`,
  ).shape;
}
