import path from 'node:path';
import type { AttackPlan, GuessOf, PipelinePlan } from '@vflair/core/contract';
import { findEntry } from '@vflair/core/contract';
import {
  type AttackOrder,
  carrierOf,
  type Hosts,
  type Places,
  type StoredMessage,
  type TranscriptEntry,
} from '@vflair/core/run';
import type { AttackResult } from '@vflair/core/runtime';
import { present } from '@vflair/core/text';
import { grantedKeys } from '@vflair/core/threat';
import { installedCatalog } from '../catalog.js';
import { createLibrary } from '../installation.js';

/** Who reads what crosses, and how. */
export interface Reader {
  readonly attack: AttackPlan;
  /** Party the adversary sits at. */
  readonly party: string;
}

/** What was read of one sequence. */
export interface ServerView {
  readonly reader: Reader;
  /** Ids of the prompt's positions, then of those of the answer that crossed. */
  readonly ids: readonly number[];
}

/**
 * The reader the file describes: its first attack on `generate` that guesses tokens; else causal-inversion by an adversary
 * that is granted all it needs; undefined where nobody is.
 */
export function readerOf(pipeline: PipelinePlan): Reader | undefined {
  const catalog = installedCatalog();
  const own = pipeline.attacks.find(({ split, chain }) => {
    const last = chain.at(-1);
    return (
      split === 'generate' && last && findEntry(catalog, 'attack', last.id)?.guesses === 'tokens'
    );
  });
  const entry = findEntry(catalog, 'attack', 'causal-inversion');
  const able = pipeline.adversaries.find((adversary) => {
    const granted: ReadonlySet<string> = grantedKeys(pipeline, adversary);
    return entry?.needs.every((need) => granted.has(need)) === true;
  });
  const name = own?.adversary ?? able?.name;
  const adversary = pipeline.adversaries.find((candidate) => candidate.name === name);
  if (!adversary || !entry) return undefined;
  const params = Object.fromEntries(
    Object.entries(entry.params).flatMap(([field, { default: value }]) =>
      value === undefined ? [] : [[field, value] as const],
    ),
  );
  const attack: AttackPlan = own ?? {
    adversary: adversary.name,
    chain: [{ id: entry.id, version: entry.version, params }],
    split: 'generate',
    samples: null,
  };
  return { attack, party: adversary.at };
}

/** Whether a reader is shown a message. */
export function isShown(pipeline: PipelinePlan): (message: Crossing) => boolean {
  const carriers = (['activations', 'responses'] as const).flatMap(
    (key) => carrierOf(pipeline, key) ?? [],
  );
  return ({ from, to, kind }) =>
    carriers.some((one) => one.from === from && one.to === to && one.kind === kind);
}

type Crossing = Pick<TranscriptEntry, 'from' | 'to' | 'kind'>;

/** What an answer left behind for a reader. */
export interface Transcript {
  readonly entries: readonly TranscriptEntry[];
  readonly folder: string;
  readonly places: Places;
}

/** Runs the reader's attack on all that crossed while an answer was given; it gets messages and what it was granted, as in a run. */
export async function readAsServer(
  hosts: Hosts,
  { pipeline, reader }: { readonly pipeline: PipelinePlan; readonly reader: Reader },
  transcript: Transcript,
  progress: (done: number, of: number) => void,
): Promise<ServerView> {
  const order = await orderOf(pipeline, reader, transcript);
  const events = {
    message: () => undefined,
    progress: (_: string, done: number, of: number) => progress(done, of),
  };
  const worker = await hosts.start(order, events);
  try {
    const { guess } = (await worker.command('run')) as AttackResult;
    return { reader, ids: idsOf(guess) };
  } finally {
    await worker.close();
  }
}

function idsOf(guess: AttackResult['guess']): number[] {
  const { tokens }: Partial<GuessOf['tokens']> = 'tokens' in guess ? guess : {};
  return (tokens ?? []).toSorted((a, b) => a.step - b.step).flatMap((row) => row.tokens);
}

async function orderOf(
  pipeline: PipelinePlan,
  { attack }: Reader,
  { entries, folder, places }: Transcript,
): Promise<AttackOrder> {
  const library = createLibrary();
  const adversary = present(
    pipeline.adversaries.find(({ name }) => name === attack.adversary),
    'adversary',
  );
  const stored = (key: 'activations' | 'responses'): StoredMessage[] => {
    const carrier = carrierOf(pipeline, key);
    const sent = entries.filter(
      ({ from, to, kind }) => from === carrier?.from && to === carrier.to && kind === carrier.kind,
    );
    return sent.map(({ step, request = 0, file, shape }) => ({
      ...({ phase: 'generate', step, request, file: path.join(folder, file), shape } as const),
      ...{ rows: [0], lengths: [shape[1] ?? 0] },
    }));
  };
  const knowsDefense =
    pipeline.defenses.length > 0 && grantedKeys(pipeline, adversary).has('defense');
  const own = adversary.auxiliary;
  return {
    kind: 'attack',
    pipeline: { ...pipeline, attacks: [attack] },
    attack: 0,
    variant: { name: knowsDefense ? 'adaptive' : 'static', knowsDefense, head: 'granted' },
    places,
    threads: 1,
    activations: stored('activations'),
    gradients: [],
    responses: stored('responses'),
    auxiliary: own ? await library.publicRows(pipeline, own, places) : [],
    trainedHead: '',
  };
}
