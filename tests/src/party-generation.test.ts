import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { PipelinePlan, WorkPlan } from '@vflair/core/contract';
import type { EncodedRow } from '@vflair/core/party';
import { type GenerationResult, type Library, openWorld, Tap } from '@vflair/core/run';
import { asInt, randomStream } from '@vflair/core/tensor';
import { at, present } from '@vflair/core/text';
import { loadModel } from '@vflair/models';
import { afterAll, expect, test } from 'vitest';
import { temporaryFolder } from '../../packages/models/src/testing/temporary-folder.js';
import { type Golden, goldenAbsent, goldenFolder, openGolden } from './families/golden.js';
import { localHosts, pipelineOf, slicesOf, testLibrary } from './party-world.js';

const cache = temporaryFolder(afterAll);
const inference: WorkPlan = { kind: 'infer', params: {} };

/** Recorded language models that one stream of hidden states runs through, a few kinds of memory and of positions. */
const wanted = ['gpt2', 'llama', 'mamba', 'gemma3_text', 'falcon'];
const cases =
  goldenAbsent === undefined
    ? wanted.flatMap((family) =>
        readdirSync(join(goldenFolder, family))
          .filter((variant) => variant.endsWith('-lm'))
          .map((variant) => `${family}/${variant}`),
      )
    : [];

test.skipIf(goldenAbsent !== undefined)(`recorded models are there ${goldenAbsent ?? ''}`, () => {
  expect(cases.length).toBeGreaterThan(wanted.length - 1);
});

/** The recorded prompts as rows of their own lengths. */
function promptsOf(golden: Golden): EncodedRow[] {
  const tensors = golden.tensors('io.safetensors');
  const ids = asInt(present(tensors.get('gen.input_ids')));
  const mask = asInt(present(tensors.get('gen.attention_mask')));
  const [rows = 0, width = 0] = ids.shape;
  return Array.from({ length: rows }, (_, row) => {
    const places = Array.from({ length: width }, (_, i) => row * width + i);
    const own = places.filter((i) => mask.data[i] === 1n).map((i) => Number(ids.data[i]));
    return { id: `${row}`, ids: own, user: own.map(() => true), label: null };
  });
}

async function libraryOf(golden: Golden): Promise<Library> {
  const random = randomStream('party-generation');
  const model = await loadModel(golden.folder, 'lm', { cache, random });
  const library = testLibrary({ spec: model.spec, test: promptsOf(golden) });
  return {
    ...library,
    model: async (...asked) => ({ ...(await library.model(...asked)), ...model }),
  };
}

/** Answers of all recorded prompts in one batch at the parties, and what crossed. */
async function answered(golden: Golden, slices: PipelinePlan['slices']) {
  const count = present(golden.generated?.[0]).length;
  const task = { id: 'generation', params: { 'max-tokens': count, stop: [] } };
  const pipeline = pipelineOf(slices, inference, { task });
  const tap = new Tap('generation', '', () => false);
  const order = { pipeline, places: { base: '/', cache }, threads: 1, probing: false };
  const world = await openWorld(localHosts(await libraryOf(golden)), order, { tap });
  try {
    const { answers } = (await world.ask('generate')) as GenerationResult;
    return { answers, entries: await tap.finish(), count };
  } finally {
    await world.close();
  }
}

const topologies = [
  slicesOf('head@client: embed..0', 'body@server: 1..1', 'tail@client: 2..output'),
  slicesOf('head@client: embed..0', 'rest@server: 1..output'),
];

test.each(cases)(
  '%s: prompts of several lengths in one batch are continued as recorded',
  async (name) => {
    const golden = openGolden(name);
    const lengths = promptsOf(golden).map(({ ids }) => ids.length);
    expect(new Set(lengths).size).toBeGreaterThan(1);
    for (const slices of topologies) {
      const { answers, entries, count } = await answered(golden, slices);
      expect(answers).toEqual(golden.generated);
      // One message for all rows and passes: the prompts, then one position per token.
      const sent = entries.filter(({ from, kind }) => from === 'head' && kind === 'activation');
      expect(sent).toHaveLength(count);
      expect(at(sent, 0).shape.slice(0, 2)).toEqual([lengths.length, Math.max(...lengths)]);
      expect(at(sent, 1).shape.slice(0, 2)).toEqual([lengths.length, 1]);
    }
  },
);
