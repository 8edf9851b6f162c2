import { createHash } from 'node:crypto';
import {
  batchesOf,
  chooseToken,
  type EncodedRow,
  type GenerationRow,
  stopTexts,
} from '../party/index.js';
import {
  type DecoyMessage,
  type EvaluationResult,
  evaluationBatch,
  evaluationBatches,
  type GenerationResult,
  generationBatches,
  type LoadedModel,
  type LoadedRows,
  numberOf,
  type PartyOrder,
  type ProbeResult,
  type TrainingResult,
  trainingBatches,
  victimStream,
  type WeightDigests,
} from '../run/index.js';
import { trainedTensors } from '../session/index.js';
import { asFloat, type FloatTensor } from '../tensor/index.js';
import { at, Bug, present } from '../text/index.js';
import type { OpenAnswer } from './open-answer.js';
import type { OpenParty } from './party-container.js';
import { samplingOf, stopsOf } from './sampling.js';

/** What the commands of a party work with. */
export interface PartyProgram {
  readonly order: PartyOrder;
  readonly open: OpenParty;
  readonly model: LoadedModel;
  /** Private rows: at the data party only. */
  readonly rows: LoadedRows | undefined;
  readonly progress: (stage: string, done: number, of: number) => void;
  /** The answer that is being given to somebody's own prompt. */
  readonly answer: OpenAnswer;
}

type Command = (program: PartyProgram, argument: unknown) => Promise<unknown>;

/** Everything a host may ask of a party. Results hold what the party itself may tell: losses, guesses of its own model, digests. */
export const commands: { readonly [name: string]: Command } = {
  train,
  evaluate: (program, split) => evaluate(program, split === 'train' ? 'train' : 'test'),
  generate,
  prompt: async ({ answer, ...program }, argument) => answer.begin(program, argument),
  next: ({ answer }) => answer.next(),
  decoy,
  probe,
  settle: async ({ open }) => open.model?.settled(),
  gradients: async ({ open }) => new Map(open.parts.learner.gradients),
  export: async ({ open }) => copies(trainedTensors(open.weights)),
  digests: async (program) => digests(program),
};

/** Answers one command; an unknown name is a Bug VF952. */
export function runCommand(
  program: PartyProgram,
  name: string,
  argument: unknown,
): Promise<unknown> {
  const command = commands[name];
  if (!command) throw new Bug('VF952', `a party has no command ${name}`);
  return command(program, argument);
}

function dataSide({ open, rows }: PartyProgram) {
  return { party: present(open.data, 'data party'), rows: present(rows, 'private rows') };
}

async function train(program: PartyProgram): Promise<TrainingResult> {
  const { party, rows } = dataSide(program);
  const steps = trainingBatches(program.order.pipeline, rows.train.length);
  const losses: number[] = [];
  for (const [step, batch] of steps.entries()) {
    losses.push(await party.train(step, pick(rows.train, batch)));
    program.progress('train', step + 1, steps.length);
  }
  return { losses };
}

async function evaluate(program: PartyProgram, split: 'train' | 'test'): Promise<EvaluationResult> {
  const { party, rows } = dataSide(program);
  const chosen = rows[split];
  const result = { loss: [] as number[], count: [] as number[], predicted: [] as number[] };
  const batches = evaluationBatches(chosen.length);
  for (const [step, batch] of batches.entries()) {
    const { loss, count, logits } = await party.evaluate('test', step, pick(chosen, batch));
    result.loss.push(...loss);
    result.count.push(...count);
    if (logits) result.predicted.push(...largestPerRow(logits));
    program.progress('evaluate', step + 1, batches.length);
  }
  return result;
}

async function generate(program: PartyProgram): Promise<GenerationResult> {
  const { party, rows } = dataSide(program);
  const { pipeline } = program.order;
  const limit = numberOf(pipeline.task.params, 'max-tokens', 32);
  const { encoder } = program.model;
  const stop = new Set(encoder.ends);
  const endOf = stopTexts(stopsOf(pipeline.task.params), encoder.decode);
  const root = victimStream(pipeline);
  const sampling = samplingOf(pipeline.task.params);
  const answers: number[][] = [];
  const firstStep: number[] = [];
  for (const [request, batch] of generationBatches(rows.test.length).entries()) {
    const step = request * limit;
    const prompts = batch.map((i): GenerationRow => {
      const random = root.stream(`generate/${i}`);
      const choose: GenerationRow['choose'] = (logits, before) =>
        chooseToken(logits, sampling, random, before);
      return { prompt: at(rows.test, i).ids, choose };
    });
    firstStep.push(...batch.map(() => step));
    answers.push(...(await party.generate({ request, rows: prompts, step, limit, stop, endOf })));
    program.progress('generate', answers.length, rows.test.length);
  }
  return { answers, firstStep };
}

async function decoy(program: PartyProgram, argument: unknown): Promise<DecoyMessage[]> {
  const party = present(program.open.data, 'data party');
  const rows = argument as readonly (readonly number[])[];
  const messages: DecoyMessage[] = [];
  for (const [step, batch] of batchesOf(
    rows.map((_, i) => i),
    evaluationBatch,
  ).entries()) {
    const chosen = batch.map((i) => at(rows, i));
    const { sent } = await party.decoy(step, chosen);
    messages.push({ tensor: sent, lengths: chosen.map((ids) => ids.length) });
  }
  return messages;
}

async function probe(program: PartyProgram, argument: unknown): Promise<ProbeResult> {
  const party = present(program.open.data, 'data party');
  const { step, rows } = argument as {
    readonly step: number;
    readonly rows: readonly EncodedRow[];
  };
  const loss = await party.train(step, rows);
  return { loss, gradients: copies(program.open.parts.learner.gradients) };
}

function digests({ open, model, order }: PartyProgram): WeightDigests {
  const trained = trainedTensors(open.weights);
  const own = new Set(
    [...open.parts.slices.values()].flatMap((slice) =>
      model.spec.parameters
        .filter(({ places }) => places.some((place) => inside(slice.part, place)))
        .map(({ key }) => key),
    ),
  );
  const frozen = createHash('sha256');
  for (const key of [...own].sort()) {
    if (!trained.has(key)) frozen.update(key).update(bytesOf(model.read(key)));
  }
  const moved = createHash('sha256').update(order.party);
  for (const [name, tensor] of trained) moved.update(name).update(bytesOf(tensor));
  return { trained: moved.digest('hex'), frozen: frozen.digest('hex'), trainedCount: trained.size };
}

function inside(
  part: { embed: boolean; first: number; end: number; output: boolean },
  place: 'embed' | 'output' | number,
): boolean {
  if (place === 'embed') return part.embed;
  return place === 'output' ? part.output : place >= part.first && place < part.end;
}

function bytesOf({ data }: FloatTensor): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function pick<T>(items: readonly T[], indices: readonly number[]): T[] {
  return indices.map((i) => at(items, i));
}

function copies(tensors: ReadonlyMap<string, FloatTensor>): Map<string, FloatTensor> {
  return new Map(
    [...tensors].map(([name, tensor]) => [name, { ...asFloat(tensor), data: tensor.data.slice() }]),
  );
}

/** Index of the largest logit of each row, the first of equals. */
function largestPerRow({ shape, data }: FloatTensor): number[] {
  const width = present(shape[1], 'labels');
  return Array.from({ length: shape[0] ?? 0 }, (_, row) => {
    const logits = data.subarray(row * width, (row + 1) * width);
    return logits.indexOf(logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY));
  });
}
