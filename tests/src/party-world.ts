import type {
  AttackDefinition,
  DefenseDefinition,
  Fields,
  Goal,
  ModelSpec,
  PipelinePlan,
  SightKey,
  SlicePlan,
  WorkPlan,
} from '@vflair/core/contract';
import type { EncodedRow, Envelope } from '@vflair/core/party';
import type { Hosts, Library } from '@vflair/core/run';
import { type Line, openHandle, serve } from '@vflair/core/runtime';
import { asFloat, randomStream } from '@vflair/core/tensor';
import { randomWeights } from '@vflair/core/testing';
import { present } from '@vflair/core/text';

/** What is installed in a test: one model of random weights, its rows, and plugins of the test's own. */
export interface TestParts {
  readonly spec: ModelSpec;
  readonly spread?: number;
  readonly train?: readonly EncodedRow[];
  readonly test?: readonly EncodedRow[];
  readonly attacks?: readonly AttackDefinition<Fields, SightKey, SightKey, Goal>[];
  readonly defenses?: readonly DefenseDefinition[];
}

/** Tokens written as their numbers. */
const numberEncoder = {
  special: [],
  prefix: [],
  suffix: [],
  ends: [],
  unknown: undefined,
  pieces: (ids: readonly number[]): string[] => ids.map(String),
  decode: (ids: readonly number[]): string => ids.join(' '),
};

/** A library of these parts: the same weights whoever asks. */
export function testLibrary(parts: TestParts): Library {
  const { spec } = parts;
  const { stored } = randomWeights(spec, randomStream('party-world/weights'), parts.spread ?? 0.3);
  const read = (key: string) => {
    const weight = stored(key);
    if (!('data' in weight)) throw new Error(`${key} is not in memory`);
    return asFloat(weight);
  };
  const named = <T extends { readonly id: string }>(list: readonly T[] | undefined, id: string) =>
    present(
      list?.find((item) => item.id === id),
      id,
    );
  return {
    task: async (id) => {
      throw new Error(`no task ${id}`);
    },
    attack: async (id) => named(parts.attacks, id),
    defense: async (id) => named(parts.defenses, id),
    model: async () => ({
      spec,
      stored,
      packed: (key) => {
        throw new Error(`${key} is not quantised`);
      },
      read,
      fresh: [],
      encoder: { vocabulary: spec.vocabulary, ...numberEncoder },
      digests: {},
    }),
    rows: async () => ({
      train: parts.train ?? [],
      test: parts.test ?? [],
      classes: ['no', 'yes'],
      digests: {},
      warnings: [],
    }),
    publicRows: async () => [],
    writeTensors: async () => undefined,
    readTensors: async () => new Map(),
  };
}

/** `count` rows of random ids with lengths 1 … 7 and alternating labels. */
export function someRows(spec: ModelSpec, count: number, seed: string): EncodedRow[] {
  const random = randomStream(`party-world/${seed}`);
  return Array.from({ length: count }, (_, i) => {
    const ids = Array.from({ length: 2 + random.integer(6) }, () =>
      random.integer(spec.vocabulary),
    );
    return { id: `${seed}-${i}`, ids, user: ids.map(() => true), label: i % 2 };
  });
}

/** A line to a service in this thread; what crosses it is copied, as between threads. */
export function localLine(library: Library): Line {
  const toHost: ((envelope: Envelope) => void)[] = [];
  const toParty: ((envelope: Envelope) => void)[] = [];
  const crossing = (handlers: typeof toHost, envelope: Envelope): void => {
    const copy = structuredClone(envelope);
    queueMicrotask(() => {
      for (const handler of handlers) handler(copy);
    });
  };
  serve(
    {
      post: (envelope) => crossing(toHost, envelope),
      listen: (handler) => void toParty.push(handler),
      close: () => undefined,
    },
    library,
  );
  return {
    post: (envelope) => crossing(toParty, envelope),
    listen: (handler) => void toHost.push(handler),
    onEnd: () => undefined,
    end: async () => undefined,
  };
}

/** Hosts that open every party and attack in this thread. */
export function localHosts(library: Library): Hosts {
  return { start: (order, events) => openHandle(localLine(library), order, events) };
}

/** `head@client: embed..0` and so on; the last place is `output`. */
export function slicesOf(...texts: readonly string[]): SlicePlan[] {
  const place = (text: string): SlicePlan['from'] =>
    text === 'embed' || text === 'output' ? text : Number(text);
  return texts.map((text, i) => {
    const [name = '', owner = '', from = '', to = ''] = text.split(/@|: |\.\./);
    const role = i === 0 ? 'head' : i === texts.length - 1 ? 'tail' : 'body';
    return { name, owner, from: place(from), to: place(to), role };
  });
}

/** A pipeline over these slices, parties on the processor, without attacks or defenses. */
export function pipelineOf(
  slices: readonly SlicePlan[],
  work: WorkPlan,
  rest: Partial<PipelinePlan> = {},
): PipelinePlan {
  const owners = [...new Set(slices.map(({ owner }) => owner))];
  return {
    name: 'test',
    about: '',
    seed: 60,
    model: { kind: 'catalog', ref: 'random', family: 'random', blocks: 4 },
    data: {
      ...{ kind: 'catalog', ref: 'random', testFile: null, train: null, test: null },
      ...{ maxLength: null, columns: {} },
    },
    task: { id: 'classification', params: {} },
    parties: owners.map((name, i) => ({
      name,
      device: { kind: 'cpu', index: 0 },
      holds: i === 0 ? ['data', 'labels'] : [],
    })),
    slices,
    work,
    defenses: [],
    adversaries: [],
    attacks: [],
    measure: [],
    streams: [],
    ...rest,
  };
}
