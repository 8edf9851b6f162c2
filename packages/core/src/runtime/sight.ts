import type {
  DefenseKnowledge,
  HeadKnowledge,
  PipelinePlan,
  Sight,
  SightKey,
  TailKnowledge,
  TokenizerKnowledge,
} from '../contract/index.js';
import type { AttackOrder, Library, LoadedModel } from '../run/index.js';
import { attackerStream } from '../run/index.js';
import {
  type Adapter,
  headKnowledge,
  inputNames,
  tailKnowledge,
  type Weights,
} from '../session/index.js';
import { type FloatTensor, floatTensor, type Random, sizeOf } from '../tensor/index.js';
import { at, present } from '../text/index.js';
import { packedWeights } from './packed-keys.js';
import { readMessages } from './stored-messages.js';
import { partNamed } from './trainables.js';

/** All that the adversary of an attack could be shown; `openView` picks from it. */
export async function sightOf(
  library: Library,
  order: AttackOrder,
  { model, reads }: { readonly model: LoadedModel; readonly reads: ReadonlySet<SightKey> },
): Promise<Partial<Sight>> {
  const { pipeline, variant } = order;
  const attack = at(pipeline.attacks, order.attack);
  const adversary = present(
    pipeline.adversaries.find(({ name }) => name === attack.adversary),
    'adversary',
  );
  const head = await knownHead(library, order, { model, knows: adversary.knows });
  const tail = knownTail(pipeline, model);
  return {
    activations: await readMessages(order.activations),
    gradients: await readMessages(order.gradients),
    responses: await readMessages(order.responses),
    ...(head ? { head, embedding: head.embedding } : {}),
    ...(tail ? { tail } : {}),
    tokenizer: tokenizerKnowledge(model),
    ...(variant.knowsDefense ? { defense: knownDefenses(pipeline) } : {}),
    ...(adversary.auxiliary && reads.has('auxiliary')
      ? { auxiliary: { ids: order.auxiliary } }
      : {}),
  };
}

function tokenizerKnowledge({ encoder, spec }: LoadedModel): TokenizerKnowledge {
  const { special, prefix, suffix } = encoder;
  return { vocabulary: spec.vocabulary, special, prefix, suffix };
}

function knownDefenses(pipeline: PipelinePlan): DefenseKnowledge[] {
  return pipeline.defenses.flatMap(({ point, chain }) =>
    chain.map(({ id, params }) => ({ point, id, params })),
  );
}

async function knownHead(
  library: Library,
  order: AttackOrder,
  { model, knows }: { model: LoadedModel; knows: readonly string[] },
): Promise<HeadKnowledge | undefined> {
  const { pipeline, variant, trainedHead } = order;
  const part = partNamed(pipeline, at(pipeline.slices, 0).name, model.spec);
  if (part.output) return undefined;
  if (variant.head === 'wrong')
    return headKnowledge(
      model.spec,
      part,
      wrongWeights(model, attackerStream(pipeline).stream('wrong-head')),
      'wrong',
    );
  const exact = knows.includes('exact head') && variant.head === 'granted';
  const trained =
    exact && trainedHead !== ''
      ? await library.readTensors(trainedHead)
      : new Map<string, FloatTensor>();
  return headKnowledge(
    model.spec,
    part,
    { stored: model.stored, ...packedWeights(pipeline, model), ...split(pipeline, trained) },
    exact ? 'exact' : 'pretrained',
  );
}

/** A victim's trained tensors back as parameters and adapters. */
function split(
  pipeline: PipelinePlan,
  tensors: ReadonlyMap<string, FloatTensor>,
): Pick<Weights, 'trained' | 'adapters'> {
  const trained = new Map<string, FloatTensor>();
  const adapters = new Map<string, Adapter>();
  const scale = Number(pipeline.work.params.alpha) / Number(pipeline.work.params.rank);
  for (const [name, tensor] of tensors) {
    const key = name.replace(/#lora_[AB]$/, '');
    if (key === name) trained.set(name, tensor);
    else if (name === inputNames.adapterA(key))
      adapters.set(key, { a: tensor, b: present(tensors.get(inputNames.adapterB(key))), scale });
  }
  return { trained, adapters };
}

/** Same shapes, random numbers: embeddings, too; norms are left as they are. Only what is asked for is drawn. */
function wrongWeights({ spec, stored }: LoadedModel, random: Random): Weights {
  const drawn = new Map<string, FloatTensor>();
  const normals = new Map(
    spec.parameters.flatMap(({ key, shape, init }) => (init === 'normal' ? [[key, shape]] : [])),
  );
  return {
    stored: (key) => {
      const shape = normals.get(key);
      if (!shape) return stored(key);
      const tensor = drawn.get(key) ?? drawNormals(shape, random.stream(key));
      drawn.set(key, tensor);
      return tensor;
    },
    trained: new Map(),
    adapters: new Map(),
  };
}

function drawNormals(shape: readonly number[], random: Random): FloatTensor {
  const data = new Float32Array(sizeOf(shape));
  for (let i = 0; i < data.length; i++) data[i] = 0.05 * random.normal();
  return floatTensor(shape, data);
}

function knownTail(pipeline: PipelinePlan, model: LoadedModel): TailKnowledge | undefined {
  const last = at(pipeline.slices, pipeline.slices.length - 1);
  const part = partNamed(pipeline, last.name, model.spec);
  const weights: Weights = {
    stored: model.stored,
    ...packedWeights(pipeline, model),
    trained: new Map(),
    adapters: new Map(),
  };
  return part.embed ? undefined : tailKnowledge(model.spec, part, weights, 'pretrained');
}

/** The head an adversary really holds, for the Judge's own measurements; see the certificate in docs/threat-model.md. */
export async function judgedHead(library: Library, order: AttackOrder): Promise<HeadKnowledge> {
  const { pipeline, places, attack } = order;
  const model = await library.model(pipeline, places, attackerStream(pipeline).stream('model'));
  const use = at(pipeline.attacks, attack);
  const adversary = present(
    pipeline.adversaries.find(({ name }) => name === use.adversary),
    'adversary',
  );
  return present(await knownHead(library, order, { model, knows: adversary.knows }), 'head');
}
