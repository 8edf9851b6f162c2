import type { ModelConfig, Tensors } from '@vflair/core/contract';
import { SequenceCache } from '@vflair/core/party';
import { cutParts, emptyCache, Slice } from '@vflair/core/session';
import { asFloat, copyOf, indexOfLargest, intTensor, randomStream } from '@vflair/core/tensor';
import { present } from '@vflair/core/text';
import { loadModel } from '@vflair/models';
import { fullBatch, gpt2Small, randomModel, smolLm2 } from './random-model.ts';
import type { Subject, Variant } from './variant.ts';

/** Tokens that are timed, and tokens of the prompt before them. */
const NEW = 64;
const PROMPT = 64;

/** Numbers in which the weights of linear maps are stored, and their bits where these are fewer than 32. */
const forms = [
  { form: 'fp32', bits: undefined },
  { form: 'int8', bits: 8 },
  { form: 'int4', bits: 4 },
] as const;

/** SmolLM2-135M in three slices, two of them the data party's; the clock runs over the new tokens only. */
export const decodeVariants: readonly Variant[] = [
  { bench: 'decode', past: PROMPT },
  { bench: 'decode-1024', past: 1024 },
].flatMap(({ bench, past }) =>
  forms.map(({ form, bits }) => ({
    name: `${bench}.${form}`,
    params: { cuts: [2, 28], prompt: past, tokens: NEW, ...(bits ? { bits } : {}) },
    open: ({ threads }) => openDecoding({ past, bits }, threads),
  })),
);

/** A model and how it is cut; `bits` of all its linear maps where they are rounded. */
interface Cut {
  readonly name: string;
  readonly config: ModelConfig;
  readonly cuts: readonly number[];
  readonly bits?: 4 | 8 | undefined;
}

/** A language model of random weights, cut, with nothing to train. */
async function openSlices({ name, config, cuts, bits }: Cut, threads: number) {
  const folder = await randomModel(name, config, 'lm');
  const random = randomStream('bench');
  const { spec, stored, packed, close } = await loadModel(folder, 'lm', { cache: folder, random });
  const rounded = bits && { packed: (key: string) => packed(key, bits) };
  const weights = { stored, ...rounded, trained: new Map(), adapters: new Map() };
  const slices = cutParts(spec, cuts).map((part) => new Slice(spec, part, weights, { threads }));
  const closeAll = async (): Promise<void> => {
    for (const slice of slices) await slice.close();
    close();
  };
  return { spec, slices, random, close: closeAll };
}

async function openDecoding(
  { past, bits }: { readonly past: number; readonly bits: 4 | 8 | undefined },
  threads: number,
): Promise<Subject> {
  const model = { name: 'smollm2', config: smolLm2, cuts: [2, 28], bits };
  const { spec, slices, random, close } = await openSlices(model, threads);
  let caches: SequenceCache[] = [];
  let token = 0;
  const next = async (ids: readonly number[]): Promise<void> => {
    const mask = intTensor(
      [1, ids.length],
      ids.map(() => 1),
    );
    let sent: Tensors = { ids: intTensor([1, ids.length], ids), mask };
    for (const cache of caches) sent = { hidden: copyOf(await cache.run(sent)), mask };
    token = indexOfLargest(asFloat(present(sent.hidden, 'logits')).data);
  };
  return {
    tokens: NEW,
    prepare: async () => {
      caches = slices.map((slice) => new SequenceCache(slice));
      await next(Array.from({ length: past }, () => random.integer(spec.vocabulary)));
    },
    run: async () => {
      for (let i = 0; i < NEW; i++) await next([token]);
    },
    close,
  };
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
    const { spec, slices, random, close } = await openSlices(one, threads);
    const inputs = fullBatch([one.batch, one.seq], spec.vocabulary, random);
    return {
      tokens: one.batch * one.seq,
      run: async () => {
        let sent: Tensors = {};
        for (const slice of slices) {
          const outputs = await slice.step({
            ...inputs,
            ...sent,
            ...emptyCache(slice.spec, slice.part, one.batch),
          });
          sent = { hidden: copyOf(asFloat(present(outputs.result, 'result'))) };
        }
      },
      close,
    };
  },
}));
