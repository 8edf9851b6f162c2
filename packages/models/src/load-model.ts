import { resolve } from 'node:path';
import type {
  FamilyDefinition,
  HeadKind,
  ModelConfig,
  ModelSpec,
  PackedWeight,
  ParameterSpec,
  StoredWeight,
} from '@vflair/core/contract';
import { copyOf, type FloatTensor, type Random } from '@vflair/core/tensor';
import { finding, present } from '@vflair/core/text';
import { type FamilyLookup, findFamily } from './find-family.js';
import { findOnnx, readFacts, readOnnxSpec } from './onnx/index.js';
import { nearestNames } from './text/nearest-names.js';
import { type Checkpoint, openCheckpoint, wrongType } from './weights/checkpoint.js';
import { initialise } from './weights/initialise.js';
import { type MappedTensor, mappedWeights } from './weights/mapped-weights.js';
import { readModelConfig } from './weights/model-config.js';
import { blocksInMemory, mappedBlocks } from './weights/packed-weights.js';
import { isFloating } from './weights/stored-type.js';

export type { FamilyLookup } from './find-family.js';

/** How a model folder is opened. */
export interface LoadOptions {
  /** Folder for converted weights. */
  readonly cache: string;
  /** Where fresh parameters come from. */
  readonly random: Random;
  /** Number of classes of the head; what config.json says when absent. A head of another size is drawn afresh. */
  readonly labels?: number;
  /** Where families come from; those of this package when absent. */
  readonly family?: FamilyLookup;
}

/** A model folder opened for one head. Numbers stay on disk until somebody asks. */
export interface OpenModel {
  readonly spec: ModelSpec;
  readonly config: ModelConfig;
  /** A parameter as sessions use it: mapped from its file, or in memory where it is fresh. */
  readonly stored: (key: string) => StoredWeight;
  /** The weight of a linear map in blocks of few bits, mapped from a file that is written once. */
  readonly packed: (key: string, bits: 4 | 8) => PackedWeight;
  /** A copy of a parameter in memory, to be trained. */
  readonly read: (key: string) => FloatTensor;
  /** What the checkpoint calls a parameter: its key or one of its aliases. */
  readonly checkpointKey: (key: string) => string;
  /** Keys the checkpoint lacks, drawn from the seed instead. */
  readonly fresh: readonly string[];
  readonly close: () => void;
}

/**
 * Opens config.json and weights of a folder. Throws Findings: VF510–VF523 as the files say, VF534 a tensor of another
 * shape than the config implies, VF535 parameters the checkpoint lacks (a new head may be missing, nothing else), VF536
 * a `model_type` or head that no family serves.
 */
export async function loadModel(
  folder: string,
  head: HeadKind,
  options: LoadOptions,
): Promise<OpenModel> {
  const { config, spec } = await readSpec(folder, head, options);
  // Sessions map files by absolute name.
  const checkpoint = openCheckpoint(resolve(folder));
  try {
    const names = locate(spec, checkpoint, options.labels !== undefined);
    return openModel({ spec, config, checkpoint, names }, options);
  } catch (error) {
    checkpoint.close();
    throw error;
  }
}

/** What a model is: as its family reads config.json, or as its ONNX file says itself. */
async function readSpec(
  folder: string,
  head: HeadKind,
  options: LoadOptions,
): Promise<{ readonly config: ModelConfig; readonly spec: ModelSpec }> {
  const onnx = findOnnx(resolve(folder));
  if (onnx !== undefined) {
    const facts = readFacts(onnx);
    return {
      config: facts.config,
      spec: readOnnxSpec(onnx, facts, { head, labels: options.labels }),
    };
  }
  const config = readModelConfig(folder);
  const lookup = options.family ?? findFamily;
  const family = await familyOf(String(config.model_type), head, lookup);
  return { config, spec: family.read(config, head, options.labels) };
}

async function familyOf(
  modelType: string,
  head: HeadKind,
  lookup: FamilyLookup,
): Promise<FamilyDefinition> {
  const family = await lookup(modelType);
  if (!family) {
    throw finding(
      'VF536',
      `no family serves \`model_type\` \`${modelType}\``,
      'see `vflair list models` for those that are installed',
    );
  }
  if (!family.heads.includes(head)) {
    throw finding(
      'VF536',
      `the ${family.id} family has no \`${head}\` head`,
      `it has ${family.heads.join(', ')}`,
    );
  }
  return family;
}

/** Name of each parameter in the checkpoint; a fresh one has none. */
function locate(
  spec: ModelSpec,
  checkpoint: Checkpoint,
  isResized: boolean,
): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const missing: string[] = [];
  for (const parameter of spec.parameters) {
    const { key, shape } = parameter;
    const name = [key, ...spec.aliases(key)].find((known) => checkpoint.tensors.has(known));
    const isNew = belongsToNewHead(spec, parameter);
    if (name === undefined) {
      if (!isNew) missing.push(key);
      continue;
    }
    const stored = checkpoint.find(name);
    if (!isFloating(stored.dtype)) throw wrongType(name, stored, 'floating');
    if (`${stored.shape}` === `${shape}`) names.set(key, name);
    else if (!isNew || !isResized) throw wrongShape(name, stored.shape, shape);
  }
  if (missing.length > 0) throw missingParameters(missing, checkpoint);
  return names;
}

/**
 * Parameters that a classifier, regression or span head adds to a base model, whose names begin as no other's do; a pooler
 * counts as part of the head.
 */
function belongsToNewHead(
  { head, parameters }: ModelSpec,
  { key, places }: ParameterSpec,
): boolean {
  const isOutput = (all: ParameterSpec['places']): boolean => all.every((at) => at === 'output');
  if (!['cls', 'reg', 'qa'].includes(head) || !isOutput(places)) return false;
  const start = key.slice(0, key.indexOf('.') + 1);
  const isBase = parameters.some((other) => !isOutput(other.places) && other.key.startsWith(start));
  return !isBase || key.includes('.pooler.');
}

function wrongShape(name: string, found: readonly number[], wanted: readonly number[]): Error {
  return finding(
    'VF534',
    `tensor \`${name}\` has shape [${found.join(', ')}], config.json implies [${wanted.join(', ')}]`,
    'take config.json and weights from one checkpoint',
  );
}

function missingParameters(missing: readonly string[], checkpoint: Checkpoint): Error {
  const [first = ''] = missing;
  const near = nearestNames(first, checkpoint.tensors.keys());
  const others = missing.length === 1 ? '' : ` and ${missing.length - 1} others`;
  return finding(
    'VF535',
    `the checkpoint lacks \`${first}\`${others}`,
    near.length === 0 ? 'it is empty' : `nearest are ${near.join(', ')}`,
  );
}

interface Opened {
  readonly spec: ModelSpec;
  readonly config: ModelConfig;
  readonly checkpoint: Checkpoint;
  readonly names: ReadonlyMap<string, string>;
}

function openModel({ spec, config, checkpoint, names }: Opened, options: LoadOptions): OpenModel {
  const parameters = new Map(spec.parameters.map((parameter) => [parameter.key, parameter]));
  const cache = resolve(options.cache);
  const mapped = mapping({ checkpoint, names }, parameters, cache);
  const fresh = [...parameters.keys()].filter((key) => !names.has(key));
  const drawn = (key: string): FloatTensor =>
    initialise(present(parameters.get(key), `parameter ${key}`), options.random);
  return {
    spec,
    config,
    fresh,
    stored: (key) => {
      const name = names.get(key);
      if (name === undefined) return drawn(key);
      const { shape, ...external } = mapped(key, name);
      return { dtype: 'float32', shape, external };
    },
    packed: (key, bits) => {
      const { layout = 'out-in' } = present(parameters.get(key), `parameter ${key}`);
      const name = names.get(key);
      return name === undefined
        ? blocksInMemory(drawn(key), { bits, layout })
        : mappedBlocks(checkpoint, name, { bits, layout, cache });
    },
    read: (key) => {
      const name = names.get(key);
      if (name === undefined) return drawn(key);
      return copyOf(checkpoint.read(name));
    },
    checkpointKey: (key) => names.get(key) ?? key,
    close: () => checkpoint.close(),
  };
}

/** Maps a matrix when it is asked for, since most may be wanted in blocks only, and all that is small together. */
function mapping(
  { checkpoint, names }: Pick<Opened, 'checkpoint' | 'names'>,
  parameters: ReadonlyMap<string, ParameterSpec>,
  cache: string,
): (key: string, name: string) => MappedTensor {
  const isMatrix = (key: string): boolean => (parameters.get(key)?.shape.length ?? 0) > 1;
  const mapped = new Map<string, MappedTensor>();
  return (key, name) => {
    if (!mapped.has(name)) {
      const small = [...names].filter(([other]) => !isMatrix(other)).map(([, own]) => own);
      const wanted = isMatrix(key) ? [name] : [...new Set(small)];
      for (const entry of mappedWeights(checkpoint, wanted, cache)) mapped.set(...entry);
    }
    return present(mapped.get(name), name);
  };
}
