import { rm } from 'node:fs/promises';
import type { Message } from '../contract/index.js';
import type { EncodedRow } from '../party/index.js';
import type { FloatTensor } from '../tensor/index.js';
import type { RunContext } from './context.js';
import { openWorld, type World } from './hub.js';
import type {
  DecoyMessage,
  EvaluationResult,
  GenerationResult,
  TrainingResult,
  WeightDigests,
} from './results.js';
import { carrierOf, selectionOf } from './selection.js';
import type { Stage } from './stage.js';
import { Tap, type TranscriptEntry } from './tap.js';

/** Public rows that stand in for the attacked rows of one attack: ids of the same lengths, and what the head made of them. */
export interface DecoyResult {
  readonly ids: readonly (readonly number[])[];
  readonly messages: readonly DecoyMessage[];
}

/** Everything a victim's stage left behind: enough to attack, judge and report without running it again. */
export interface VictimResult {
  readonly key: string;
  readonly losses: readonly number[];
  readonly evaluation: EvaluationResult | null;
  readonly generation: GenerationResult | null;
  readonly before: readonly WeightDigests[];
  readonly after: readonly WeightDigests[];
  /** Decoys by attack key. */
  readonly decoys: { readonly [attack: string]: DecoyResult };
  readonly entries: readonly TranscriptEntry[];
  /** Seconds by stage of work, and peak resident bytes of the whole process. */
  readonly seconds: { readonly [stage: string]: number };
  readonly peakMemory: number;
}

/** What the runner wants to know from a victim besides training and evaluation. */
export interface VictimRequest {
  readonly stage: Stage;
  readonly rows: { readonly train: readonly EncodedRow[]; readonly test: readonly EncodedRow[] };
  /** Public ids by attack key, cut to the lengths of the attacked rows. */
  readonly decoyRows: ReadonlyMap<string, readonly (readonly number[])[]>;
}

/** Runs the victim: opens the parties, trains, evaluates or generates, and keeps what the attacks are allowed to see. */
export async function runVictim(
  context: RunContext,
  request: VictimRequest,
): Promise<VictimResult> {
  const { stage } = request;
  const { pipeline } = stage;
  await rm(context.folder.path('transcript', stage.key), { recursive: true, force: true });
  const tap = new Tap(stage.key, context.folder.path('transcript'), keptMessages(request));
  const clock = stopwatch();
  const order = { pipeline, places: context.places, threads: context.threads, probing: false };
  const progress = (name: string, done: number, of: number): void =>
    context.progress(`${pipeline.name}: ${name}`, done, of);
  const world = await clock('open', () => openWorld(context.hosts, order, { tap, progress }));
  try {
    const before = await allDigests(world);
    const trained =
      pipeline.work.kind === 'finetune'
        ? await clock('train', () => world.ask('train'))
        : { losses: [] };
    await world.settle();
    const after = await allDigests(world);
    const generates = pipeline.task.id === 'generation';
    const generation = generates ? await clock('generate', () => world.ask('generate')) : null;
    const evaluation = generates
      ? null
      : await clock('evaluate', () => world.ask('evaluate', 'test'));
    const decoys = await clock('decoys', () => decoyMessages(world, request));
    await saveTrained(context, stage, world);
    return {
      key: stage.key,
      losses: (trained as TrainingResult).losses,
      evaluation: evaluation as EvaluationResult | null,
      generation: generation as GenerationResult | null,
      before,
      after,
      decoys,
      entries: await tap.finish(),
      seconds: clock.seconds(),
      peakMemory: process.resourceUsage().maxRSS * 1024,
    };
  } finally {
    await world.close();
  }
}

/** Tells which messages some attack of the stage will be shown. */
function keptMessages({ stage, rows }: VictimRequest): (message: Message) => boolean {
  const wanted = new Set<string>();
  for (const pipeline of stage.members) {
    for (const attack of pipeline.attacks) {
      const { phase, picks } = selectionOf(pipeline, attack, {
        train: rows.train.length,
        test: rows.test.length,
      });
      const carriers = (['activations', 'gradients', 'responses'] as const).flatMap(
        (key) => carrierOf(pipeline, key) ?? [],
      );
      for (const { step } of picks)
        for (const { from, to, kind } of carriers)
          wanted.add(`${phase}/${step}/${from}/${to}/${kind}`);
    }
  }
  return ({ phase, step, from, to, kind }) => wanted.has(`${phase}/${step}/${from}/${to}/${kind}`);
}

async function allDigests(world: World): Promise<WeightDigests[]> {
  return Promise.all(
    [...world.parties.values()].map(
      async (party) => (await party.command('digests')) as WeightDigests,
    ),
  );
}

/** What the head makes of public rows, by attack key. */
export async function decoyMessages(
  world: World,
  { decoyRows }: Pick<VictimRequest, 'decoyRows'>,
): Promise<VictimResult['decoys']> {
  const decoys: Record<string, DecoyResult> = {};
  for (const [key, ids] of decoyRows)
    decoys[key] = { ids, messages: (await world.ask('decoy', ids)) as DecoyMessage[] };
  return decoys;
}

/** What training changed, by party: for attacks that know the exact head, and for anyone who wants the adapters. */
async function saveTrained(
  { library, folder }: RunContext,
  { key, pipeline }: Stage,
  world: World,
): Promise<void> {
  if (pipeline.work.kind !== 'finetune') return;
  for (const [name, party] of world.parties) {
    const tensors = (await party.command('export')) as ReadonlyMap<string, FloatTensor>;
    if (tensors.size > 0)
      await library.writeTensors(folder.path('artifacts', key, `${name}.safetensors`), tensors);
  }
}

interface Stopwatch {
  <T>(name: string, work: () => Promise<T>): Promise<T>;
  readonly seconds: () => { readonly [stage: string]: number };
}

function stopwatch(): Stopwatch {
  const spent: Record<string, number> = {};
  const time = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const started = performance.now();
    const result = await work();
    spent[name] = (performance.now() - started) / 1000;
    return result;
  };
  return Object.assign(time, { seconds: () => ({ ...spent }) });
}
