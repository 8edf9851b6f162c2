import type { ModelSpec, PipelinePlan, SlicePlan, WorkPlan } from '@vflair/core/contract';
import { batchLabels, type EncodedRow, padBatch } from '@vflair/core/party';
import {
  type EvaluationResult,
  type GenerationResult,
  openWorld,
  Tap,
  type TrainingResult,
  trainingBatches,
  type World,
} from '@vflair/core/run';
import { inputNames, Slice, trainedTensors, type Weights, wholePart } from '@vflair/core/session';
import { AdamW, asFloat, type FloatTensor } from '@vflair/core/tensor';
import { at, present } from '@vflair/core/text';
import { expect, test } from 'vitest';
import { localHosts, pipelineOf, slicesOf, someRows, testLibrary } from './party-world.js';
import { tinyBert, tinyGpt2 } from './tiny-models.js';

const topologies = {
  'head-body-tail': slicesOf(
    'head@client: embed..0',
    'body@server: 1..2',
    'tail@client: 3..output',
  ),
  'head-tail': slicesOf('head@client: embed..0', 'tail@server: 1..output'),
  'a chain of three parties': slicesOf(
    'head@client: embed..0',
    'body@server: 1..1',
    'middle@third: 2..2',
    'tail@client: 3..output',
  ),
  'a server that comes twice': slicesOf(
    'head@client: embed..0',
    'body@server: 1..1',
    'middle@third: 2..2',
    'late@server: 3..3',
    'tail@client: output..output',
  ),
} as const;

const rate = 1e-2;
const scale = 2;

function training(method: 'lora' | 'full', slices: readonly string[], batch: number): WorkPlan {
  const params = { rank: 2, alpha: 4, epochs: 3, batch, 'learning-rate': rate, 'weight-decay': 0 };
  return { kind: 'finetune', method, params: { ...params, slices, targets: [] } };
}

const inference: WorkPlan = { kind: 'infer', params: {} };

const places = { base: '/', cache: '/' };

async function withWorld<T>(
  pipeline: PipelinePlan,
  parts: Parameters<typeof testLibrary>[0],
  use: (world: World) => Promise<T>,
): Promise<T> {
  const order = { pipeline, places, threads: 1, probing: false };
  const world = await openWorld(localHosts(testLibrary(parts)), order);
  try {
    return await use(world);
  } finally {
    await world.close();
  }
}

/** All trained tensors of all parties. */
async function exported(world: World): Promise<Map<string, FloatTensor>> {
  const all = new Map<string, FloatTensor>();
  for (const party of world.parties.values())
    for (const [name, tensor] of (await party.command('export')) as Map<string, FloatTensor>)
      all.set(name, tensor);
  return all;
}

/** The whole model with these tensors trained. */
async function wholeModel(spec: ModelSpec, trained: ReadonlyMap<string, FloatTensor>) {
  const parts = { spec };
  const { stored } = await testLibrary(parts).model(pipelineOf([], inference), places, random());
  const full = [...trained].filter(([name]) => !name.includes('#'));
  const halves = [...trained.keys()].filter((name) => name.endsWith('#lora_A'));
  const weights: Weights = {
    stored,
    trained: new Map(full),
    adapters: new Map(
      halves.map((name) => {
        const key = name.replace('#lora_A', '');
        const a = present(trained.get(inputNames.adapterA(key)));
        return [key, { a, b: present(trained.get(inputNames.adapterB(key))), scale }] as const;
      }),
    ),
  };
  return new Slice(spec, wholePart(spec), weights);
}

const random = () => ({ uniform: () => 0, normal: () => 0, integer: () => 0, stream: random });

function largestGap(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Math.max(0, ...Array.from(a, (x, i) => Math.abs(x - (b[i] ?? Number.NaN))));
}

const models = [
  ['bert with a classifier', tinyBert('cls', { blocks: 4 })],
  ['gpt2 with a classifier', tinyGpt2('cls', { blocks: 4 })],
  ['gpt2', tinyGpt2('lm', { blocks: 4 })],
] as const;

type Topology = keyof typeof topologies;
const all = Object.keys(topologies) as Topology[];

const cases = models.flatMap(([model, spec]) =>
  all.flatMap((topology) =>
    (['lora', 'full'] as const).flatMap((method) =>
      [true, false].map((headTrains) => ({ model, spec, topology, method, headTrains })),
    ),
  ),
);

// A tied embedding at two parties is two tensors, which no whole model has.
const comparable = cases.filter(
  ({ model, topology, method }) =>
    !(model === 'gpt2' && topology === 'head-tail' && method === 'full'),
);

test.each(comparable)(
  '$model, $topology, $method, head trained: $headTrains: as the whole',
  async (one) => {
    const { spec, topology, method, headTrains } = one;
    const slices: readonly SlicePlan[] = topologies[topology];
    const rows = someRows(spec, 6, 'train');
    const named = headTrains ? [] : slices.slice(1).map(({ name }) => name);
    const pipeline = pipelineOf(slices, training(method, named, 6));
    await withWorld(pipeline, { spec, train: rows, test: rows }, async (world) => {
      const whole = await wholeModel(spec, await exported(world));
      const { losses } = (await world.ask('train')) as TrainingResult;
      await world.settle();
      const told = await wholeTraining(whole, trainingBatches(pipeline, 6), rows);
      expect(losses).toHaveLength(3);
      expect(largestGap(losses, told.losses)).toBeLessThan(1e-4);
      const after = await exported(world);
      expect([...after.keys()].sort()).toEqual([...told.smallest.keys()].sort());
      for (const [name, tensor] of trainedTensors(whole.weights))
        expect(
          gapWhereClear(present(after.get(name), name), tensor, told.smallest.get(name)),
          name,
        ).toBeLessThan(0.02 * rate);
      await whole.close();
    });
  },
);

/** `from -> to kind` of every message of one training run that carries a gradient. */
async function gradientsSent(slices: readonly SlicePlan[], named: readonly string[]) {
  const spec = tinyBert('cls', { blocks: 4 });
  const rows = someRows(spec, 4, 'train');
  const pipeline = pipelineOf(slices, training('lora', named, 4));
  const tap = new Tap('test', '', () => false);
  const order = { pipeline, places, threads: 1, probing: false };
  const hosts = localHosts(testLibrary({ spec, train: rows }));
  const world = await openWorld(hosts, order, { tap });
  await world.ask('train');
  await world.settle();
  await world.close();
  const sent = (await tap.finish()).filter(({ kind }) => kind === 'gradient');
  return [...new Set(sent.map(({ from, to }) => `${from} -> ${to}`))];
}

test('a frozen head is sent no gradient, a trained one is', async () => {
  const slices = topologies['head-body-tail'];
  expect(await gradientsSent(slices, ['body', 'tail'])).toEqual(['tail -> body']);
  expect(await gradientsSent(slices, [])).toEqual(['body -> head', 'tail -> body']);
});

test('where only the tail is trained the gradient still crosses the last cut, and no other', async () => {
  expect(await gradientsSent(topologies['a chain of three parties'], ['tail'])).toEqual([
    'tail -> middle',
  ]);
  expect(await gradientsSent(topologies['head-tail'], ['tail'])).toEqual(['head -> tail']);
});

/** Trains the whole model on the same batches; `smallest` has each element's smallest gradient over the steps. */
async function wholeTraining(
  whole: Slice,
  batches: readonly (readonly number[])[],
  rows: readonly EncodedRow[],
) {
  const optimizer = new AdamW({ learningRate: rate });
  const tensors = trainedTensors(whole.weights);
  const losses: number[] = [];
  const smallest = new Map<string, Float32Array>();
  for (const batch of batches) {
    const { inputs, labels } = batchOf(
      whole.spec,
      batch.map((i) => present(rows[i])),
    );
    const { loss, trained } = await whole.lossStep(inputs, labels);
    for (const [name, { data }] of trained) {
      const before = smallest.get(name);
      smallest.set(
        name,
        Float32Array.from(data, (x, i) => Math.min(Math.abs(x), before?.[i] ?? Infinity)),
      );
    }
    optimizer.step(tensors, trained);
    losses.push(loss);
  }
  return { losses, smallest };
}

function batchOf(spec: ModelSpec, rows: readonly EncodedRow[]) {
  const batch = padBatch(
    rows.map(({ ids }) => ids),
    spec,
  );
  return { inputs: { ...batch }, labels: batchLabels(rows, batch, spec) };
}

/** AdamW divides by the size of a gradient: where that is rounding noise, so is the step, and nothing is compared. */
function gapWhereClear(a: FloatTensor, b: FloatTensor, gradient: Float32Array | undefined): number {
  const clear = (data: FloatTensor['data']) =>
    Array.from(data, (x, i) => ((gradient?.[i] ?? 0) > 1e-5 ? x : 0));
  return largestGap(clear(a.data), clear(b.data));
}

test.each(models.flatMap(([model, spec]) => all.map((topology) => ({ model, spec, topology }))))(
  "evaluation of $model, $topology, is the whole model's",
  async ({ spec, topology }) => {
    const rows = someRows(spec, 20, 'test');
    const pipeline = pipelineOf(topologies[topology], inference);
    const found = await withWorld(
      pipeline,
      { spec, test: rows },
      async (world) => (await world.ask('evaluate', 'test')) as EvaluationResult,
    );
    const whole = await wholeModel(spec, new Map());
    const { inputs, labels } = batchOf(spec, rows);
    const told = await whole.evaluate(inputs, labels);
    await whole.close();
    expect(largestGap(found.loss, asFloat(present(told.loss)).data)).toBeLessThan(1e-4);
    expect(found.count).toEqual([...asFloat(present(told.count)).data]);
    if (spec.head !== 'cls') return;
    const logits = asFloat(present(told.logits)).data;
    const classes = rows.map((_, i) => Number((logits[2 * i + 1] ?? 0) > (logits[2 * i] ?? 0)));
    expect(found.predicted).toEqual(classes);
  },
);

test.each(all.map((topology) => ({ topology })))(
  "greedy tokens, $topology, are the whole model's",
  async ({ topology }) => {
    const spec = tinyGpt2('lm', { blocks: 4 });
    const rows = someRows(spec, 3, 'prompts');
    const task = { id: 'generation', params: { 'max-tokens': 5, temperature: 0, stop: [] } };
    const pipeline = pipelineOf(topologies[topology], inference, { task });
    const { answers } = await withWorld(
      pipeline,
      { spec, test: rows },
      async (world) => (await world.ask('generate')) as GenerationResult,
    );
    const whole = await wholeModel(spec, new Map());
    const told = [];
    for (const { ids } of rows) told.push(await greedy(whole, ids, 5));
    await whole.close();
    expect(answers).toEqual(told);
    expect(new Set(answers.flat()).size).toBeGreaterThan(1);
  },
);

test('an answer ends before a stop text and says nothing after it', async () => {
  const spec = tinyGpt2('lm', { blocks: 4 });
  const rows = someRows(spec, 3, 'prompts');
  const answersWith = (params: PipelinePlan['task']['params']) =>
    withWorld(
      pipelineOf(topologies['head-body-tail'], inference, { task: { id: 'generation', params } }),
      { spec, test: rows },
      async (world) => ((await world.ask('generate')) as GenerationResult).answers,
    );
  const free = await answersWith({ 'max-tokens': 5 });
  // The world's decoder writes ids with a space between them.
  const stop = at(free, 0)[2];
  const stopped = await answersWith({ 'max-tokens': 5, stop: [` ${stop} `] });
  const before = free.map((ids) => ids.join(' ').indexOf(` ${stop} `));
  for (const [row, place] of before.entries()) {
    const kept = at(stopped, row).join(' ');
    if (place < 0) expect(at(stopped, row)).toEqual(at(free, row));
    else expect(kept).toBe(at(free, row).join(' ').slice(0, place));
  }
  expect(at(before, 0)).toBeGreaterThan(0);
});

/** Without a cache: the whole sequence again for every token. */
async function greedy(whole: Slice, prompt: readonly number[], count: number): Promise<number[]> {
  const ids = [...prompt];
  for (let i = 0; i < count; i++) {
    const { result } = await whole.forward({ ...padBatch([ids], whole.spec) });
    const last = asFloat(present(result)).data.slice(-whole.spec.vocabulary);
    ids.push(last.indexOf(Math.max(...last)));
  }
  return ids.slice(prompt.length);
}
