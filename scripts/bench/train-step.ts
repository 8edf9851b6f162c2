import { intTensor, randomStream } from '@vflair/core/tensor';
import { loadModel } from '@vflair/models';
import { Chain, type Trained } from './chain.ts';
import { bertBase, fullBatch, gpt2Small, randomModel } from './random-model.ts';
import type { Subject, Variant } from './variant.ts';

interface Case {
  readonly name: string;
  readonly config: typeof gpt2Small;
  readonly head: 'lm' | 'cls';
  readonly batch: number;
  readonly seq: number;
  readonly cuts: readonly number[];
  readonly train: Trained;
}

const gpt2 = { config: gpt2Small, head: 'lm', batch: 4, seq: 128, cuts: [2, 10] } as const;
const bert = { config: bertBase, head: 'cls', batch: 16, seq: 64, cuts: [3, 9] } as const;

/** The cases of the table: model, what is trained, where it is cut. */
const cases: readonly Case[] = [
  { ...gpt2, name: 'gpt2-lora', train: { rank: 8, on: /c_attn\.weight$/ } },
  { ...gpt2, name: 'gpt2-full', train: 'full' },
  { ...bert, name: 'bert-lora', train: { rank: 4, on: /(query|value)\.weight$/ } },
  { ...bert, name: 'bert-full', train: 'full' },
];

export const variants: readonly Variant[] = cases.map((one) => ({
  name: `train-step.${one.name}`,
  params: { batch: one.batch, seq: one.seq, cuts: one.cuts, train: trainName(one.train) },
  open: ({ threads }) => openStep(one, threads),
}));

/** The LoRA step of GPT-2, cut less and less. */
export const overheadVariants: readonly Variant[] = [
  { name: 'split-overhead.uncut', cuts: [] },
  { name: 'split-overhead.in-process', cuts: [2, 10] },
].map(({ name, cuts }) => ({
  name,
  params: { batch: 4, seq: 128, cuts, train: 'lora 8' },
  open: ({ threads }) =>
    openStep({ ...gpt2, name, cuts, train: { rank: 8, on: /c_attn\.weight$/ } }, threads),
}));

function trainName(train: Trained): string {
  return train === 'full' ? 'full' : `lora ${train.rank}`;
}

async function openStep(
  { config, head, batch, seq, cuts, train }: Case,
  threads: number,
): Promise<Subject> {
  const folder = await randomModel(String(config.model_type), config, head);
  const random = randomStream('bench');
  const model = await loadModel(folder, head, { cache: folder, random });
  const chain = new Chain(model, cuts, { threads, train });
  const inputs = fullBatch([batch, seq], model.spec.vocabulary, random);
  const labels =
    head === 'lm'
      ? inputs.ids
      : intTensor(
          [batch],
          Array.from({ length: batch }, (_, i) => i % 2),
        );
  return {
    tokens: batch * seq,
    run: async () => void (await chain.step(inputs, labels)),
    close: async () => {
      await chain.close();
      model.close();
    },
  };
}
