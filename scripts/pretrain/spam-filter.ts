import type { ModelSpec, Tensors } from '@vflair/core/contract';
import { type Adapter, Slice, trainedTensors, wholePart } from '@vflair/core/session';
import {
  AdamW,
  clipGlobalNorm,
  copyOf,
  draw,
  type FloatTensor,
  floatTensor,
  intTensor,
  type Random,
  zeros,
} from '@vflair/core/tensor';
import { at, present } from '@vflair/core/text';
import { initialWeights, rateAt } from '@vflair/models/pretrain';

/** What may be chosen of a fine-tuning. */
export interface FineTuning {
  /** All weights, or LoRA of rank 8 on query and value above the first block, with pooler and classifier. */
  readonly trains: 'everything' | 'adapters';
  /** Tokens of a mail that are read. */
  readonly length: number;
  readonly epochs: number;
  readonly rate: number;
}

const BATCH = 16;
const RANK = 8;

/** A mail as ids, spam (1) or not. */
export interface Mail {
  readonly ids: readonly number[];
  readonly label: number;
  /** Near-duplicates share one. */
  readonly cluster: string;
}

/** What a filter starts from. */
export interface Filter {
  readonly spec: ModelSpec;
  readonly weights: ReadonlyMap<string, FloatTensor>;
  readonly random: Random;
}

/** Mails to fine-tune on, and mails to be told apart afterwards. */
export interface MailSplit {
  readonly fit: readonly Mail[];
  readonly on: readonly Mail[];
}

/** How many of `on` a filter fine-tuned on `fit` gets right. */
export async function rightAfter(
  filter: Filter,
  settings: FineTuning,
  { fit, on }: MailSplit,
): Promise<number> {
  const { spec, random } = filter;
  const own = settings.trains === 'everything' ? everything(filter) : adapted(filter);
  const slice = new Slice(spec, wholePart(spec), own, { threads: 2 });
  try {
    await fineTune(slice, fit, { ...settings, random });
    return await countRight(slice, on, settings.length);
  } finally {
    await slice.close();
  }
}

/** Pooler and classifier, drawn afresh. */
function freshHead({ spec, random }: Filter): [string, FloatTensor][] {
  const fresh = initialWeights(spec, random.stream('head'));
  return [...fresh].filter(([key]) => /pooler|classifier/.test(key));
}

function everything(filter: Filter): Slice['weights'] {
  const head = freshHead(filter);
  const pretrained = filter.spec.parameters.flatMap(({ key }): [string, FloatTensor][] => {
    const found = filter.weights.get(key);
    return found ? [[key, copyOf(found)]] : [];
  });
  const stored = (key: string): never => {
    throw new Error(`${key} is not trained`);
  };
  return { stored, trained: new Map([...pretrained, ...head]), adapters: new Map() };
}

function adapted(filter: Filter): Slice['weights'] {
  const { spec, weights, random } = filter;
  const targets = spec.defaultTargets.filter((key) => !key.includes('.layer.0.'));
  return {
    stored: (key) => present(weights.get(key), `weight ${key}`),
    trained: new Map(freshHead(filter)),
    adapters: new Map(targets.map((key) => [key, adapter(spec.hidden, random.stream(key))])),
  };
}

/** A LoRA pair that changes nothing yet; its scale is 2 (α = 16). */
function adapter(width: number, random: Random): Adapter {
  const a = Float32Array.from({ length: RANK * width }, () => random.normal() / Math.sqrt(width));
  return { a: floatTensor([RANK, width], a), b: zeros([width, RANK]), scale: 2 };
}

async function fineTune(
  slice: Slice,
  mails: readonly Mail[],
  { length, epochs, rate, random }: FineTuning & { readonly random: Random },
): Promise<void> {
  const optimizer = new AdamW({ learningRate: rate, weightDecay: 0.01 });
  const perEpoch = Math.floor(mails.length / BATCH);
  const steps = epochs * perEpoch;
  const schedule = { steps, warmUp: Math.ceil(steps / 20), coolDown: Math.floor(0.9 * steps) };
  const trained = trainedTensors(slice.weights);
  for (let step = 0; step < steps; step++) {
    const epoch = Math.floor(step / perEpoch);
    const order = draw(random.stream(`epoch ${epoch}`), mails.length);
    const from = (step % perEpoch) * BATCH;
    const batch = order.slice(from, from + BATCH).map((index) => at(mails, index));
    const { trained: gradients } = await slice.lossStep(inputsOf(batch, length), labelsOf(batch));
    clipGlobalNorm(gradients, 1);
    optimizer.step(trained, gradients, rateAt(schedule, step));
  }
}

async function countRight(slice: Slice, mails: readonly Mail[], length: number): Promise<number> {
  let right = 0;
  for (let from = 0; from < mails.length; from += 2 * BATCH) {
    const batch = mails.slice(from, from + 2 * BATCH);
    const evaluated = await slice.evaluate(inputsOf(batch, length), labelsOf(batch));
    const scores = [...present(evaluated.logits, 'logits').data];
    batch.forEach(({ label }, row) => {
      const isSpam = at(scores, 2 * row + 1) > at(scores, 2 * row);
      if (Number(isSpam) === label) right++;
    });
  }
  return right;
}

/** Ids padded to the longest of the batch, cut to `length`. */
function inputsOf(mails: readonly Mail[], length: number): Tensors {
  const seq = Math.min(length, Math.max(...mails.map(({ ids }) => ids.length)));
  const shape = [mails.length, seq];
  const cells = mails.flatMap(({ ids }) => {
    const kept = ids.length > seq ? [...ids.slice(0, seq - 1), 3] : ids;
    return Array.from({ length: seq }, (_, i) => kept[i] ?? -1);
  });
  return {
    ids: intTensor(
      shape,
      cells.map((id) => Math.max(0, id)),
    ),
    mask: intTensor(
      shape,
      cells.map((id) => Number(id >= 0)),
    ),
    positions: intTensor(
      shape,
      cells.map((_, i) => i % seq),
    ),
    types: intTensor(
      shape,
      cells.map(() => 0),
    ),
  };
}

function labelsOf(mails: readonly Mail[]) {
  return intTensor(
    [mails.length],
    mails.map(({ label }) => label),
  );
}
