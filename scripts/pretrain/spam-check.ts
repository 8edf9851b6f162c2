import type { ModelSpec, Tensors } from '@vflair/core/contract';
import { fitNaiveBayes, type Interval, wilson } from '@vflair/core/judge';
import { type Adapter, Slice, trainedTensors, wholePart } from '@vflair/core/session';
import {
  AdamW,
  clipGlobalNorm,
  draw,
  type FloatTensor,
  floatTensor,
  intTensor,
  type Random,
  randomStream,
  zeros,
} from '@vflair/core/tensor';
import { at, present } from '@vflair/core/text';
import { initialWeights, rateAt, spamAssassin } from '@vflair/models/pretrain';
import type { Material } from './material.ts';
import type { Recipe } from './recipes.ts';

/** How well a fine-tuned model tells spam from ham on mails neither it nor its pretraining has seen. */
export interface SpamFigures {
  readonly tested: number;
  readonly accuracy: number;
  readonly interval: Interval;
  readonly naiveBayes: number;
  readonly majority: number;
  readonly trainedOn: number;
  readonly epochs: number;
}

const LENGTH = 128;
const BATCH = 16;
const EPOCHS = 3;
const RANK = 8;
const RATE = 2e-3;
/** Share of the training clusters that choose naive Bayes' smoothing. */
const VALIDATION = 0.1;

interface Mail {
  readonly ids: readonly number[];
  readonly label: number;
}

/**
 * Fine-tunes the pretrained weights as a spam filter on the private mails (LoRA of rank 8 on query and value above the
 * first block, pooler and classifier; embedding and first block frozen) and tests it once, beside naive Bayes.
 */
export async function checkSpam(
  recipe: Recipe,
  material: Material,
  weights: ReadonlyMap<string, FloatTensor>,
): Promise<SpamFigures> {
  const random = randomStream('pretrain/spam-check');
  const { train, test } = spamAssassin.load();
  const read = ({ text, label }: { text: string; label?: number }): Mail => ({
    ids: [2, ...material.encode(text), 3],
    label: present(label, 'label'),
  });
  const spec = recipe.family.read(material.config, 'cls', 2);
  const slice = new Slice(spec, wholePart(spec), trainable(spec, weights, random), { threads: 1 });
  const mails = train.map(read);
  await fineTune(slice, mails, random);
  const tested = test.map(read);
  const right = await countRight(slice, tested);
  await slice.close();
  const clusters = train.map(({ cluster, id }) => cluster ?? id);
  const spam = tested.filter(({ label }) => label === 1).length;
  return {
    tested: tested.length,
    accuracy: right / tested.length,
    interval: present(wilson(right, tested.length)),
    naiveBayes: naiveBayes(mails, clusters, { tested, vocabulary: spec.vocabulary, random }),
    majority: Math.max(spam, tested.length - spam) / tested.length,
    trainedOn: mails.length,
    epochs: EPOCHS,
  };
}

function trainable(
  spec: ModelSpec,
  weights: ReadonlyMap<string, FloatTensor>,
  random: Random,
): Slice['weights'] {
  const fresh = initialWeights(spec, random.stream('head'));
  const head = [...fresh].filter(([key]) => /pooler|classifier/.test(key));
  const targets = spec.defaultTargets.filter((key) => !key.includes('.layer.0.'));
  return {
    stored: (key) => present(weights.get(key), `weight ${key}`),
    trained: new Map(head),
    adapters: new Map(targets.map((key) => [key, adapter(spec.hidden, random.stream(key))])),
  };
}

/** A LoRA pair that changes nothing yet; its scale is 2 (α = 16). */
function adapter(width: number, random: Random): Adapter {
  const a = Float32Array.from({ length: RANK * width }, () => random.normal() / Math.sqrt(width));
  return { a: floatTensor([RANK, width], a), b: zeros([width, RANK]), scale: 2 };
}

async function fineTune(slice: Slice, mails: readonly Mail[], random: Random): Promise<void> {
  const optimizer = new AdamW({ learningRate: RATE, weightDecay: 0.01 });
  const perEpoch = Math.floor(mails.length / BATCH);
  const steps = EPOCHS * perEpoch;
  const schedule = { steps, warmUp: Math.ceil(steps / 20), coolDown: Math.floor(0.9 * steps) };
  const trained = trainedTensors(slice.weights);
  for (let step = 0; step < steps; step++) {
    const epoch = Math.floor(step / perEpoch);
    const order = draw(random.stream(`epoch ${epoch}`), mails.length);
    const from = (step % perEpoch) * BATCH;
    const batch = order.slice(from, from + BATCH).map((index) => at(mails, index));
    const { trained: gradients } = await slice.lossStep(inputsOf(batch), labelsOf(batch));
    clipGlobalNorm(gradients, 1);
    optimizer.step(trained, gradients, rateAt(schedule, step));
  }
}

async function countRight(slice: Slice, mails: readonly Mail[]): Promise<number> {
  let right = 0;
  for (let from = 0; from < mails.length; from += 2 * BATCH) {
    const batch = mails.slice(from, from + 2 * BATCH);
    const evaluated = await slice.evaluate(inputsOf(batch), labelsOf(batch));
    const scores = [...present(evaluated.logits, 'logits').data];
    batch.forEach(({ label }, row) => {
      const isSpam = at(scores, 2 * row + 1) > at(scores, 2 * row);
      if (Number(isSpam) === label) right++;
    });
  }
  return right;
}

/** Ids padded to the longest of the batch, cut to {@link LENGTH}. */
function inputsOf(mails: readonly Mail[]): Tensors {
  const seq = Math.min(LENGTH, Math.max(...mails.map(({ ids }) => ids.length)));
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

/** Test accuracy of naive Bayes on whole mails; its smoothing is chosen on some clusters of the training mails. */
function naiveBayes(
  mails: readonly Mail[],
  clusters: readonly string[],
  options: { tested: readonly Mail[]; vocabulary: number; random: Random },
): number {
  const { tested, vocabulary, random } = options;
  const names = [...new Set(clusters)];
  const chosen = draw(random.stream('validation'), names.length, VALIDATION * names.length);
  const held = new Set(chosen.map((index) => at(names, index)));
  const isHeld = (_: Mail, index: number): boolean => held.has(at(clusters, index));
  const accuracy = (fit: readonly Mail[], on: readonly Mail[], smoothing: number): number => {
    const classify = fitNaiveBayes(fit, { classes: 2, vocabulary, smoothing });
    return on.filter(({ ids, label }) => classify(ids) === label).length / on.length;
  };
  const rest = mails.filter((mail, index) => !isHeld(mail, index));
  const scored = [0.01, 0.1, 0.3, 1].map((smoothing) => ({
    smoothing,
    score: accuracy(rest, mails.filter(isHeld), smoothing),
  }));
  scored.sort((a, b) => b.score - a.score);
  return accuracy(mails, tested, at(scored, 0).smoothing);
}
