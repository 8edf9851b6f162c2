import type { ModelSpec, PipelinePlan } from '../contract/index.js';
import { type PartyParts, partOf } from '../party/index.js';
import type { LoadedModel } from '../run/index.js';
import {
  type Adapter,
  belongs,
  heldKeys,
  type Part,
  partParameters,
  type Weights,
} from '../session/index.js';
import { type FloatTensor, floatTensor, type Random } from '../tensor/index.js';
import { at, Bug, finding, present } from '../text/index.js';
import { packedWeights } from './packed-keys.js';

/** Slices of one party whose tensors training may change: all its slices, or those `slices [..]` names. */
export function trainedSlices(pipeline: PipelinePlan, party: string): string[] {
  if (pipeline.work.kind !== 'finetune') return [];
  const named = pipeline.work.params.slices;
  const chosen = Array.isArray(named) && named.length > 0 ? named : undefined;
  return pipeline.slices
    .filter(({ name, owner }) => owner === party && (chosen?.includes(name) ?? true))
    .map(({ name }) => name);
}

/** Which slices must keep their activations, and below which of them a gradient is still wanted. */
export function trainingReach(pipeline: PipelinePlan): Pick<PartyParts, 'keeps' | 'trainsBelow'> {
  const trained = new Set(pipeline.slices.flatMap(({ owner }) => trainedSlices(pipeline, owner)));
  const keeps = new Set<string>();
  const trainsBelow = new Set<string>();
  let below = false;
  for (const { name } of pipeline.slices) {
    if (below) trainsBelow.add(name);
    below ||= trained.has(name);
    if (below) keeps.add(name);
  }
  return { keeps, trainsBelow };
}

/** The weights of one party: stored ones from the checkpoint, trained ones as live copies, adapters on its linear maps. */
export function partyWeights(
  pipeline: PipelinePlan,
  party: string,
  options: { readonly model: LoadedModel; readonly random: Random; readonly probing: boolean },
): Weights {
  const { model } = options;
  const parts = trainedSlices(pipeline, party).map((name) => partNamed(pipeline, name, model.spec));
  const full = pipeline.work.kind === 'finetune' && pipeline.work.method === 'full';
  const frozen = frozenKeys(pipeline, party, model.spec);
  const trains = (key: string): boolean => (full || model.fresh.includes(key)) && !frozen.has(key);
  const keys = new Set(
    parts.flatMap((part) =>
      partParameters(model.spec, part)
        .filter(({ key, untrained }) => !untrained && trains(key))
        .map(({ key }) => key),
    ),
  );
  const trained = new Map([...keys].map((key) => [key, liveCopy(model.read(key))] as const));
  const targets =
    full || parts.length === 0
      ? []
      : adapterTargets(pipeline, model.spec).filter((key) =>
          parts.some((part) => ownsKey(model.spec, part, key)),
        );
  const adapters = new Map(
    targets.map((key) => [key, newAdapter(pipeline, key, options)] as const),
  );
  const weights = { stored: model.stored, ...packedWeights(pipeline, model), trained, adapters };
  return { ...weights, held: heldMatrices(pipeline, party, { model, weights }) };
}

/** The frozen matrices of slices through which gradients pass: their forward and backward sessions share one copy. */
function heldMatrices(
  pipeline: PipelinePlan,
  party: string,
  { model, weights }: { model: LoadedModel; weights: Weights },
): Map<string, FloatTensor> {
  const { keeps } = trainingReach(pipeline);
  const parts = pipeline.slices
    .filter(({ name, owner }) => owner === party && keeps.has(name))
    .map(({ name }) => partNamed(pipeline, name, model.spec));
  const keys = parts.flatMap((part) => heldKeys(model.spec, part));
  return new Map(
    [...new Set(keys)]
      .filter((key) => !weights.trained.has(key) && !weights.packed?.(key, 'map'))
      .map((key) => [key, model.read(key)] as const),
  );
}

/** Parameters of a party's frozen slices: one that a trained slice shares (a tied embedding) stays as it is, too. */
function frozenKeys(pipeline: PipelinePlan, party: string, spec: ModelSpec): ReadonlySet<string> {
  const trained = new Set(trainedSlices(pipeline, party));
  const frozen = pipeline.slices.filter(({ name, owner }) => owner === party && !trained.has(name));
  return new Set(
    frozen.flatMap(({ name }) =>
      partParameters(spec, partNamed(pipeline, name, spec)).map(({ key }) => key),
    ),
  );
}

/** The part of the model a slice of the plan stands for. */
export function partNamed(pipeline: PipelinePlan, name: string, spec: ModelSpec): Part {
  const slice = pipeline.slices.find((candidate) => candidate.name === name);
  if (!slice) throw new Bug('VF950', `slice ${name} is not in the plan`);
  return partOf(slice, spec.blocks);
}

function ownsKey(spec: ModelSpec, part: Part, key: string): boolean {
  return spec.parameters.some(
    (parameter) => parameter.key === key && belongs(part, parameter.places),
  );
}

/** Keys of the linear maps that get an adapter: the family's default, or those whose name ends in one of `targets`. */
function adapterTargets(pipeline: PipelinePlan, spec: ModelSpec): readonly string[] {
  const named = pipeline.work.params.targets;
  if (!Array.isArray(named) || named.length === 0) return spec.defaultTargets;
  const endings = named.map((name) => `.${name}.weight`);
  const linear = spec.parameters.filter(
    ({ shape, places }) => shape.length === 2 && places.some((place) => typeof place === 'number'),
  );
  const found = linear
    .map(({ key }) => key)
    .filter((key) => endings.some((ending) => key.endsWith(ending)));
  if (found.length > 0) return found;
  const names = [...new Set(linear.map(({ key }) => key.split('.').at(-2) ?? key))];
  throw finding(
    'VF562',
    `no linear map of the ${spec.family} family is called ${named.map((name) => `\`${name}\``).join(' or ')}`,
    `\`targets\` can be ${names.join(', ')}`,
  );
}

// A ~ U(±1/√in), B = 0 (Hu et al. 2021, §4.1, with PEFT's initialisation of A); for checks B is drawn too.
function newAdapter(
  pipeline: PipelinePlan,
  key: string,
  { model, random, probing }: { model: LoadedModel; random: Random; probing: boolean },
): Adapter {
  const parameter = present(
    model.spec.parameters.find((candidate) => candidate.key === key),
    key,
  );
  const [first, second] = [at(parameter.shape, 0), at(parameter.shape, 1)];
  const [output, input] = parameter.layout === 'in-out' ? [second, first] : [first, second];
  const rank = Number(pipeline.work.params.rank);
  const stream = random.stream('adapter/init').stream(key);
  const bound = 1 / Math.sqrt(input);
  const uniform = (size: number): Float32Array =>
    Float32Array.from({ length: size }, () => bound * (2 * stream.uniform() - 1));
  const a = floatTensor([rank, input], uniform(rank * input));
  const b = floatTensor(
    [output, rank],
    probing ? uniform(output * rank) : new Float32Array(output * rank),
  );
  return { a, b, scale: Number(pipeline.work.params.alpha) / rank };
}

function liveCopy(tensor: FloatTensor): FloatTensor {
  return { ...tensor, data: tensor.data.slice() };
}
