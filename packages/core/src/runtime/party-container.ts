import 'reflect-metadata';
import { Container, ContainerModule, type ServiceIdentifier } from 'inversify';
import type { Message } from '../contract/index.js';
import {
  type BoundDefense,
  Channel,
  DataParty,
  isHeadTail,
  Learner,
  ModelParty,
  type PartyParts,
  type Route,
  routeOf,
} from '../party/index.js';
import type { LoadedModel, PartyOrder } from '../run/index.js';
import { numberOf } from '../run/index.js';
import {
  LossHead,
  type SessionOptions,
  Slice,
  trainedTensors,
  type Weights,
} from '../session/index.js';
import type { Random } from '../tensor/index.js';
import { at } from '../text/index.js';
import { partNamed, partyWeights, trainingReach } from './trainables.js';

const token = <T>(name: string): ServiceIdentifier<T> =>
  Symbol.for(`vflair.${name}`) as ServiceIdentifier<T>;

/** What a party's container is filled with from outside: everything else is made from the Plan. */
export interface PartyServices {
  readonly order: PartyOrder;
  readonly model: LoadedModel;
  readonly random: Random;
  readonly session: SessionOptions;
  /** Defense chains by `from -> to`. */
  readonly defenses: ReadonlyMap<string, readonly BoundDefense[]>;
  readonly deliver: (message: Message) => void;
}

type Slices = ReadonlyMap<string, Slice>;
type Channels = ReadonlyMap<string, Channel>;

const tokens = {
  weights: token<Weights>('weights'),
  slices: token<Slices>('slices'),
  channels: token<Channels>('channels'),
  learner: token<Learner>('learner'),
  lossHead: token<LossHead>('loss-head'),
  parts: token<PartyParts>('parts'),
  dataParty: token<DataParty>('data-party'),
  modelParty: token<ModelParty>('model-party'),
} as const;

/** One party's services, resolved once; `close` releases native sessions in the reverse order of their making. */
export interface OpenParty {
  readonly parts: PartyParts;
  readonly weights: Weights;
  readonly data: DataParty | undefined;
  readonly model: ModelParty | undefined;
  readonly close: () => Promise<void>;
}

/** A container of its own per party (never a child of another: a singleton would be shared across parties). */
export function openParty(services: PartyServices): OpenParty {
  const container = new Container({ defaultScope: 'Singleton' });
  container.load(partyModule(services));
  const { order } = services;
  const isData = routeOf(order.pipeline).dataParty === order.party;
  const data = isData ? container.get(tokens.dataParty) : undefined;
  const model = isData ? undefined : container.get(tokens.modelParty);
  return {
    parts: container.get(tokens.parts),
    weights: container.get(tokens.weights),
    data,
    model,
    close: () => container.unbindAllAsync(),
  };
}

function partyModule(services: PartyServices): ContainerModule {
  const { order, model, random, session } = services;
  const { pipeline, party, probing } = order;
  return new ContainerModule(({ bind }) => {
    bind(tokens.weights).toResolvedValue(() =>
      partyWeights(pipeline, party, { model, random, probing }),
    );
    bind(tokens.slices)
      .toResolvedValue((weights: Weights) => makeSlices(services, weights), [tokens.weights])
      .inSingletonScope()
      .onDeactivation(closeSlices);
    bind(tokens.channels).toResolvedValue(() => makeChannels(services, routeOf(pipeline)));
    bind(tokens.learner).toResolvedValue(
      (weights: Weights) => makeLearner(order, weights),
      [tokens.weights],
    );
    bind(tokens.lossHead)
      .toResolvedValue(() => new LossHead(model.spec, session))
      .inSingletonScope()
      .onDeactivation((lossHead) => lossHead.close());
    bind(tokens.parts).toResolvedValue(
      (slices: Slices, channels: Channels, learner: Learner) => ({
        ...{ name: party, route: routeOf(pipeline), slices, channels, learner },
        ...trainingReach(order.pipeline),
      }),
      [tokens.slices, tokens.channels, tokens.learner],
    );
    bind(tokens.dataParty).toResolvedValue(
      (parts: PartyParts, lossHead: LossHead) =>
        new DataParty(parts, { deliver: services.deliver, lossHead }),
      [tokens.parts, tokens.lossHead],
    );
    bind(tokens.modelParty).toResolvedValue(
      (parts: PartyParts) => new ModelParty(parts),
      [tokens.parts],
    );
  });
}

async function closeSlices(slices: Slices): Promise<void> {
  for (const slice of [...slices.values()].reverse()) await slice.close();
}

function makeSlices(
  { order, model, session }: PartyServices,
  weights: Weights,
): ReadonlyMap<string, Slice> {
  const { trainsBelow } = trainingReach(order.pipeline);
  const last = at(order.pipeline.slices, order.pipeline.slices.length - 1).name;
  return new Map(
    order.pipeline.slices
      .filter(({ owner }) => owner === order.party)
      .map(({ name }) => {
        const part = partNamed(order.pipeline, name, model.spec);
        // The gradient at the last cut is always formed: it is the message G2 of the threat model.
        const inputGradient = trainsBelow.has(name) || (name === last && !part.embed);
        return [name, new Slice(model.spec, part, weights, { ...session, inputGradient })];
      }),
  );
}

function makeLearner({ pipeline, party, probing }: PartyOrder, weights: Weights): Learner {
  const { params } = pipeline.work;
  const clip = params.clip;
  return new Learner(party, trainedTensors(weights), {
    learningRate: numberOf(params, 'learning-rate', 1e-4),
    weightDecay: numberOf(params, 'weight-decay', 0),
    ...(typeof clip === 'number' ? { clip } : {}),
    probing,
  });
}

function makeChannels(
  { order, defenses, deliver }: PartyServices,
  route: Route,
): ReadonlyMap<string, Channel> {
  const channels = new Map<string, Channel>();
  const add = (from: string, to: string): void => {
    channels.set(
      `${from} -> ${to}`,
      new Channel(from, to, { chain: defenses.get(`${from} -> ${to}`) ?? [], deliver }),
    );
  };
  route.slices.forEach(({ name, owner }, i) => {
    if (owner !== order.party) return;
    const [before, after] = [route.slices[i - 1], route.slices[i + 1]];
    if (before) add(name, before.name);
    if (after) add(name, after.name);
  });
  return isHeadTail(route) ? withLogitChannels(channels, { order, deliver, route }) : channels;
}

/** Head-tail: logits go from the last slice to the first, their gradient the other way, on channels of their own. */
function withLogitChannels(
  channels: Map<string, Channel>,
  {
    order,
    deliver,
    route,
  }: { order: PartyOrder; deliver: (message: Message) => void; route: Route },
): ReadonlyMap<string, Channel> {
  const [first, last] = [at(route.slices, 0), at(route.slices, route.slices.length - 1)];
  if (first.owner === order.party) {
    channels.set(
      'label gradient',
      new Channel(first.name, last.name, { chain: [], deliver, isLabelGradient: true }),
    );
  }
  const logits = `${last.name} -> ${first.name}`;
  if (last.owner === order.party && !channels.has(logits))
    channels.set(logits, new Channel(last.name, first.name, { chain: [], deliver }));
  return channels;
}
