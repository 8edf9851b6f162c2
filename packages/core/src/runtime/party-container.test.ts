import { expect, test } from 'vitest';
import type { Message, PipelinePlan } from '../contract/index.js';
import type { LoadedModel } from '../run/index.js';
import { Slice } from '../session/index.js';
import { asFloat, randomStream } from '../tensor/index.js';
import { randomWeights, smallModel } from '../testing/index.js';
import { type OpenParty, openParty } from './party-container.js';

const spec = smallModel();
const { stored } = randomWeights(spec, randomStream('container'), 0.3);

const model: LoadedModel = {
  spec,
  stored,
  packed: () => {
    throw new Error('no slice is quantised');
  },
  read: (key) => {
    const weight = stored(key);
    if (!('data' in weight)) throw new Error(`${key} is not in memory`);
    return asFloat(weight);
  },
  fresh: [],
  encoder: {
    ...{
      vocabulary: spec.vocabulary,
      special: [],
      prefix: [],
      suffix: [],
      ends: [],
      unknown: undefined,
    },
    ...{ pieces: (ids) => ids.map(String), decode: (ids) => ids.join(' ') },
  },
  digests: {},
};

const params = { rank: 2, alpha: 4, epochs: 1, batch: 2, 'learning-rate': 0.1 };

const pipeline = {
  seed: 1,
  parties: [],
  defenses: [],
  slices: [
    { name: 'head', from: 'embed', to: 0, owner: 'client', role: 'head' },
    { name: 'body', from: 1, to: 1, owner: 'server', role: 'body' },
    { name: 'tail', from: 2, to: 'output', owner: 'client', role: 'tail' },
  ],
  work: { kind: 'finetune', method: 'full', params },
} as unknown as PipelinePlan;

function open(party: string, work: PipelinePlan['work'] = pipeline.work): OpenParty {
  const places = { base: '', cache: '' };
  const order = { kind: 'party', pipeline: { ...pipeline, work }, party, places } as const;
  return openParty({
    order: { ...order, threads: 1, probing: false },
    model,
    random: randomStream('victim'),
    session: { threads: 1 },
    defenses: new Map(),
    deliver: (_message: Message) => undefined,
  });
}

test('a party has its own slices and the side of the protocol that is its own', () => {
  const [client, server] = [open('client'), open('server')];
  expect([...client.parts.slices.keys()]).toEqual(['head', 'tail']);
  expect([...server.parts.slices.keys()]).toEqual(['body']);
  expect([client.data, client.model].map(Boolean)).toEqual([true, false]);
  expect([server.data, server.model].map(Boolean)).toEqual([false, true]);
});

test('inside a party everything is made once', () => {
  const client = open('client');
  const { slices, learner } = client.parts;
  for (const slice of slices.values()) expect(slice.weights).toBe(client.weights);
  for (const [name, tensor] of learner.tensors)
    expect(tensor).toBe(client.weights.trained.get(name));
});

test('two parties share no service and no trained tensor', () => {
  const [one, other] = [open('client'), open('client')];
  const services = ({ parts, weights, data }: OpenParty): unknown[] => [
    ...[data, parts, parts.slices, parts.channels, parts.learner, parts.route, weights],
    ...[...parts.slices.values(), ...parts.channels.values(), ...weights.trained.values()],
    ...[...weights.trained.values()].map((tensor) => tensor.data.buffer),
  ];
  const known = new Set<unknown>(services(one).filter((service) => service !== undefined));
  expect(known.size).toBeGreaterThan(15);
  expect(services(other).filter((service) => known.has(service))).toEqual([]);
});

test('closing frees the slices, the last first, and only once', async () => {
  const client = open('client');
  const closed: string[] = [];
  for (const [name, slice] of client.parts.slices) {
    expect(slice).toBeInstanceOf(Slice);
    slice.close = async () => void closed.push(name);
  }
  await client.close();
  expect(closed).toEqual(['tail', 'head']);
  await client.close();
  expect(closed).toEqual(['tail', 'head']);
});

test('who keeps activations and who passes gradients on follows from what is trained', () => {
  const trained = (slices: readonly string[]) =>
    open('server', { kind: 'finetune', method: 'full', params: { ...params, slices } }).parts;
  const reach = (slices: readonly string[]) => {
    const { keeps, trainsBelow } = trained(slices);
    return { keeps: [...keeps], below: [...trainsBelow] };
  };
  expect(reach([])).toEqual({ keeps: ['head', 'body', 'tail'], below: ['body', 'tail'] });
  expect(reach(['body', 'tail'])).toEqual({ keeps: ['body', 'tail'], below: ['tail'] });
  expect(reach(['tail'])).toEqual({ keeps: ['tail'], below: [] });
  expect(reach(['head'])).toEqual({ keeps: ['head', 'body', 'tail'], below: ['body', 'tail'] });
});

test('a tensor that a frozen slice shares with a trained one stays frozen', () => {
  const work = {
    kind: 'finetune',
    method: 'full',
    params: { ...params, slices: ['tail'] },
  } as const;
  expect(open('client').weights.trained.has('table')).toBe(true);
  expect([...open('client', work).weights.trained.keys()]).toEqual([
    ...['block.2.scale', 'block.2.weight', 'block.2.bias', 'norm'],
  ]);
});
