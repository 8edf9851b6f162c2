import type { Tensors } from '@vflair/core/contract';
import { SequenceCache } from '@vflair/core/party';
import { cutParts, Slice } from '@vflair/core/session';
import {
  asFloat,
  type FloatTensor,
  floatTensor,
  intTensor,
  randomStream,
} from '@vflair/core/tensor';
import { present } from '@vflair/core/text';
import { loadModel } from '@vflair/models';
import { gpt2Small, randomModel, smolLm2 } from './random-model.ts';
import type { Subject, Variant } from './variant.ts';

/** Tokens that are timed, and tokens of the prompt before them. */
const NEW = 64;
const PROMPT = 64;

/** SmolLM2-135M in three slices, two of them the data party's; the clock runs over the new tokens only. */
export const decodeVariants: readonly Variant[] = [
  { name: 'decode.fp32', past: PROMPT },
  { name: 'decode-1024.fp32', past: 1024 },
].map(({ name, past }) => ({
  name,
  params: { cuts: [2, 28], prompt: past, tokens: NEW },
  open: ({ threads }) => openDecoding(past, threads),
}));

async function openDecoding(past: number, threads: number): Promise<Subject> {
  const folder = await randomModel('smollm2', smolLm2, 'lm');
  const random = randomStream('bench');
  const model = await loadModel(folder, 'lm', { cache: folder, random });
  const weights = { stored: model.stored, trained: new Map(), adapters: new Map() };
  const slices = cutParts(model.spec, [2, 28]).map(
    (part) => new Slice(model.spec, part, weights, { threads }),
  );
  let caches: SequenceCache[] = [];
  let token = 0;
  const next = async (ids: readonly number[]): Promise<void> => {
    const mask = intTensor(
      [1, ids.length],
      ids.map(() => 1),
    );
    let sent: Tensors = { ids: intTensor([1, ids.length], ids), mask };
    let logits: FloatTensor | undefined;
    for (const cache of caches) {
      const result = await cache.run(sent);
      logits = floatTensor(result.shape, result.data.slice());
      sent = { hidden: logits, mask };
    }
    token = largest(logits?.data ?? []);
  };
  return {
    tokens: NEW,
    prepare: async () => {
      caches = slices.map((slice) => new SequenceCache(slice));
      await next(Array.from({ length: past }, () => random.integer(model.spec.vocabulary)));
    },
    run: async () => {
      for (let i = 0; i < NEW; i++) await next([token]);
    },
    close: async () => {
      for (const slice of slices) await slice.close();
      model.close();
    },
  };
}

function largest(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if ((values[i] ?? 0) > (values[best] ?? 0)) best = i;
  return best;
}

const prefills = [
  { name: 'smollm2', config: smolLm2, batch: 1, seq: 512, cuts: [2, 28] },
  { name: 'gpt2', config: gpt2Small, batch: 8, seq: 128, cuts: [2, 10] },
] as const;

/** A prompt until the logits of its last position are there. */
export const prefillVariants: readonly Variant[] = prefills.map((one) => ({
  name: `prefill.${one.name}`,
  params: { batch: one.batch, seq: one.seq, cuts: one.cuts },
  open: async ({ threads }) => {
    const folder = await randomModel(one.name, one.config, 'lm');
    const random = randomStream('bench');
    const model = await loadModel(folder, 'lm', { cache: folder, random });
    const weights = { stored: model.stored, trained: new Map(), adapters: new Map() };
    const slices = cutParts(model.spec, one.cuts).map(
      (part) => new Slice(model.spec, part, weights, { threads }),
    );
    const shape = [one.batch, one.seq];
    const grid = (value: (i: number) => number) =>
      intTensor(
        shape,
        Array.from({ length: one.batch * one.seq }, (_, i) => value(i)),
      );
    const inputs = {
      ids: grid(() => random.integer(model.spec.vocabulary)),
      mask: grid(() => 1),
      positions: grid((i) => i % one.seq),
    };
    return {
      tokens: one.batch * one.seq,
      run: async () => {
        let sent: Tensors = {};
        for (const slice of slices) {
          const outputs = await slice.step({ ...inputs, ...sent, ...emptyPast(slice, one.batch) });
          const { shape, data } = asFloat(present(outputs.result, 'result'));
          sent = { hidden: floatTensor(shape, data.slice()) };
        }
      },
      close: async () => {
        for (const slice of slices) await slice.close();
        model.close();
      },
    };
  },
}));

function emptyPast({ spec, part }: Slice, batch: number): Tensors {
  const blocks = Array.from({ length: part.end - part.first }, (_, i) => part.first + i);
  const entries = blocks.flatMap((block) =>
    spec
      .cache(block)
      .map(({ name, shape }) => [
        `past.${name}.${block}`,
        floatTensor([batch, 0, ...shape], new Float32Array()),
      ]),
  );
  return { 'past.mask': intTensor([batch, 0], []), ...Object.fromEntries(entries) };
}
