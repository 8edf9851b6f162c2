import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AttackContext,
  defineAttack,
  defineDefense,
  type Fields,
  noClaim,
  type PipelinePlan,
  type SightKey,
} from '@vflair/core/contract';
import {
  type AttackOrder,
  askWorker,
  openWorld,
  type RunContext,
  RunFolder,
  Tap,
  type TranscriptEntry,
  victimStream,
} from '@vflair/core/run';
import { openHandle, threadLine } from '@vflair/core/runtime';
import { floatTensor, type Random } from '@vflair/core/tensor';
import { Findings, present } from '@vflair/core/text';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  localHosts,
  pipelineOf,
  slicesOf,
  someRows,
  type TestParts,
  testLibrary,
} from './party-world.js';
import { tinyBert } from './tiny-models.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vflair isolation '));
});
afterAll(() => rmSync(folder, { recursive: true }));

const spec = tinyBert('cls', { blocks: 4 });
const rows = someRows(spec, 4, 'victim');
const places = { base: '/', cache: '/' };

const noise = defineDefense({
  ...{ id: 'noise', title: 'Noise', paper: '', at: ['forward-out'], params: {} },
  apply: ({ shape, data }, { rng }) =>
    floatTensor(
      shape,
      Float32Array.from(data, (x) => x + rng.normal()),
    ),
  claim: () => noClaim,
});

const slices = slicesOf('head@client: embed..0', 'body@server: 1..2', 'tail@client: 3..output');

/** The one pipeline of this file: noise on what the head sends, and one attack on it. */
function pipeline(attack: string, chain: readonly string[] = ['noise']): PipelinePlan {
  const everything = ['architecture', 'tokenizer', 'exact head', 'pretrained tail', 'defense'];
  return pipelineOf(
    slices,
    { kind: 'infer', params: {} },
    {
      defenses: [
        {
          ...{ from: 'head', to: 'body', point: 'forward-out' },
          chain: chain.map((id) => ({ id, version: '0.1.0', params: {} })),
        },
      ],
      adversaries: [
        {
          name: 'curious',
          at: 'server',
          knows: everything,
          sees: ['activations'],
          auxiliary: null,
        },
      ],
      attacks: [
        {
          ...{ adversary: 'curious', split: 'test', samples: null },
          chain: [{ id: attack, version: '0.1.0', params: {} }],
        },
      ],
    },
  );
}

/** What the head sends for the rows. */
async function sentBy(plan: PipelinePlan, name: string): Promise<TranscriptEntry> {
  const tap = new Tap(name, folder, ({ from }) => from === 'head');
  const order = { pipeline: plan, places, threads: 1, probing: false };
  const hosts = localHosts(testLibrary({ spec, test: rows, defenses: [noise] }));
  const world = await openWorld(hosts, order, { tap });
  await world.ask('evaluate', 'test');
  await world.close();
  const entries = await tap.finish();
  return present(entries.find(({ from, kind }) => from === 'head' && kind === 'activation'));
}

const floatsOf = ({ file }: TranscriptEntry): Float32Array => {
  const bytes = readFileSync(join(folder, file));
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
};

function orderFor(plan: PipelinePlan, entry: TranscriptEntry): AttackOrder {
  const message = {
    phase: 'test',
    step: 0,
    file: join(folder, entry.file),
    shape: entry.shape,
    rows: rows.map((_, i) => i),
    lengths: rows.map(({ ids }) => ids.length),
  } as const;
  return {
    ...{ kind: 'attack', pipeline: plan, attack: 0, places, threads: 1 },
    variant: { name: 'adaptive', knowsDefense: true, head: 'granted' },
    ...{ activations: [message], gradients: [], responses: [], auxiliary: [], trainedHead: '' },
  };
}

const needs = ['activations', 'head', 'tokenizer', 'defense', 'embedding', 'tail'] as const;

type Run = (view: object, context: AttackContext<Fields>) => void;

const attackThat = (id: string, run: Run): NonNullable<TestParts['attacks']>[number] =>
  defineAttack<Fields, SightKey, 'tokens'>({
    ...{ id, title: id, paper: '', needs, guesses: 'tokens', params: {} },
    run: (view, context) => {
      run(view, context);
      return { tokens: [] };
    },
  });

/** What a runner asks of a worker; `patience` in milliseconds. */
const contextOf = (hosts: RunContext['hosts'], patience?: number): RunContext => ({
  ...{ hosts, places, threads: 1, planDigest: '', folder: new RunFolder(folder) },
  ...{ library: testLibrary({ spec }), progress: () => undefined, say: () => undefined },
  ...(patience === undefined ? {} : { patience }),
});

async function attacked(id: string, run: Run): Promise<unknown> {
  const plan = pipeline(id);
  const entry = await sentBy(plan, id);
  const hosts = localHosts(testLibrary({ spec, attacks: [attackThat(id, run)] }));
  return askWorker(contextOf(hosts), orderFor(plan, entry), id);
}

function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const xs = Array.from(a);
  let [ab, aa, bb] = [0, 0, 0];
  for (const [i, x] of xs.entries()) {
    const y = b[i] ?? 0;
    [ab, aa, bb] = [ab + x * y, aa + x * x, bb + y * y];
  }
  return ab / Math.sqrt(aa * bb);
}

test('noise cannot be drawn again from anything an attack holds', async () => {
  const plan = pipeline('regenerate');
  const noisy = floatsOf(await sentBy(plan, 'noisy'));
  const clean = floatsOf(await sentBy(pipeline('regenerate', []), 'clean'));
  const added = noisy.map((x, i) => x - (clean[i] ?? 0));
  const normals = (random: Random): number[] => Array.from(added, () => random.normal());
  // The victim's own stream does give it: the test would notice.
  const victims = victimStream(plan).stream('defense/head -> body').stream(0).stream('test/0');
  expect(correlation(normals(victims), added)).toBeGreaterThan(0.999);

  const names = ['defense/head -> body', 'defense', 'head -> body', 0, 'test/0', 'noise', 'victim'];
  const drawn: number[][] = [];
  await attacked('regenerate', (_, { rng }) => {
    const below = (random: Random, depth: number): Random[] =>
      depth === 0
        ? [random]
        : [random, ...names.flatMap((name) => below(random.stream(name), depth - 1))];
    for (const random of below(rng, 3)) drawn.push(normals(random));
  });
  expect(drawn.length).toBeGreaterThan(300);
  // 800 independent trials on some 200 numbers: correlations stay below 5/√200.
  expect(added.length).toBeGreaterThan(200);
  expect(Math.max(...drawn.map((values) => Math.abs(correlation(values, added))))).toBeLessThan(
    0.36,
  );
});

test('an attack holds its parameters, its stream, a signal, progress and the engine, and messages without identity', async () => {
  let held: string[] = [];
  let message: string[] = [];
  await attacked('curious', (view, context) => {
    held = Object.keys(context).sort();
    const { activations } = view as { readonly activations: readonly object[] };
    message = Object.keys(activations[0] ?? {}).sort();
    expect(Object.keys(view).sort()).toEqual([...needs].sort());
  });
  expect(held).toEqual(['compile', 'params', 'progress', 'rng', 'signal']);
  expect(message).toEqual(['mask', 'phase', 'step', 'tensor']);
});

test('a plugin that throws is a finding that names it', async () => {
  const reason: unknown = await attacked('faulty', () => {
    throw new TypeError('undefined is not a matrix');
  }).catch((error: unknown) => error);
  expect(reason).toBeInstanceOf(Findings);
  expect(reason instanceof Findings && reason.diagnostics).toMatchObject([
    { code: 'VF564', message: 'attack `faulty` failed: undefined is not a matrix' },
  ]);
});

test('a plugin that never returns is ended', async () => {
  // A worker that opens, reports once, and computes for ever: nobody in it can hear.
  const program = `
    import { parentPort } from 'node:worker_threads';
    parentPort.on('message', ({ id, name }) => {
      if (name === 'open') return parentPort.postMessage({ type: 'reply', id });
      parentPort.postMessage({ type: 'progress', stage: 'attack', done: 1, of: 2 });
      for (;;) Math.random();
    });`;
  const entry = new URL(`data:text/javascript,${encodeURIComponent(program)}`);
  const hosts: RunContext['hosts'] = {
    start: (order, events) => openHandle(threadLine(entry), order, events),
  };
  const plan = pipeline('endless');
  const order = orderFor(plan, await sentBy(plan, 'endless'));
  await expect(askWorker(contextOf(hosts, 500), order, 'endless on test')).rejects.toThrow(
    'VF565: endless on test gave no sign for 0.5 seconds and was ended',
  );
});
