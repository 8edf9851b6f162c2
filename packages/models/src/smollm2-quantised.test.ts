import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Slice, wholePart } from '@vflair/core/session';
import { asFloat, indexOfLargest, intTensor, randomStream } from '@vflair/core/tensor';
import { at, present } from '@vflair/core/text';
import { afterAll, expect, test } from 'vitest';
import { loadModel } from './load-model.js';
import { sharedCase } from './testing/shared-folder.js';
import { temporaryFolder } from './testing/temporary-folder.js';

const name = 'smollm2-135m-instruct';
const recorded = sharedCase('SmolLM2 of 8 and of 4 bits goes on as recorded where it is sure', [
  `models/${name}/SmolLM2-135M-Instruct.Q4_1.gguf`,
  `golden/models/${name}`,
]);
const isFull = process.env.VFLAIR_FULL === '1';
const cache = temporaryFolder(afterAll);

interface Reference {
  readonly logits: readonly {
    readonly ids: readonly number[];
    readonly top20: readonly {
      readonly ids: readonly number[];
      readonly values: readonly number[];
    }[];
  }[];
  readonly greedy: readonly {
    readonly promptIds: readonly number[];
    readonly ids: readonly number[];
    readonly margins: readonly number[];
  }[];
}

/** Logits at each position of a text, by a model whose linear maps and table have `bits` bits. */
async function openRounded(folder: string, bits: 4 | 8) {
  const model = await loadModel(folder, 'lm', { cache, random: randomStream(name) });
  const packed = (key: string) => model.packed(key, bits);
  const weights = { stored: model.stored, packed, trained: new Map(), adapters: new Map() };
  const slice = new Slice(model.spec, wholePart(model.spec), weights);
  const close = async (): Promise<void> => {
    await slice.close();
    model.close();
  };
  const logits = async (ids: readonly number[]): Promise<readonly Float32Array[]> => {
    const grid = (values: readonly number[]) => intTensor([1, ids.length], values);
    const inputs = {
      ids: grid(ids),
      mask: grid(ids.map(() => 1)),
      positions: grid(ids.map((_, i) => i)),
    };
    const { data, shape } = asFloat(present((await slice.forward(inputs)).result, 'logits'));
    const size = at(shape, 2);
    return ids.map((_, i) => data.slice(i * size, (i + 1) * size));
  };
  return { logits, close };
}

type Rounded = Awaited<ReturnType<typeof openRounded>>;

/** By how much the distance of a likely token from the likeliest is off, at most, in texts that are not continued below. */
async function errorOf({ logits }: Rounded, reference: Reference): Promise<number> {
  let worst = 0;
  for (const { ids, top20 } of reference.logits) {
    const found = await logits(ids);
    for (const [i, { ids: tokens, values }] of top20.entries()) {
      const own = tokens.map((token) => at([...at(found, i)], token));
      const gaps = values.map((value, k) => at(values, 0) - value - (at(own, 0) - at(own, k)));
      worst = Math.max(worst, ...gaps.map(Math.abs));
    }
  }
  return worst;
}

/** Tokens before the first whose margin the error could take away, as recorded and as found. */
async function sureTokens({ logits }: Rounded, { greedy }: Reference, error: number) {
  const both = greedy.map(async ({ promptIds, ids, margins }) => {
    const unsure = margins.findIndex((margin) => margin <= error);
    const wanted = unsure < 0 ? ids : ids.slice(0, unsure);
    const found = (await logits([...promptIds, ...wanted])).map(indexOfLargest);
    return { wanted, found: found.slice(promptIds.length - 1, -1) };
  });
  return Promise.all(both);
}

test.skipIf(recorded.isAbsent || !isFull)(
  recorded.title + (isFull ? '' : ' (skipped: takes VFLAIR_FULL=1)'),
  { timeout: 300_000 },
  async () => {
    const reference: Reference = JSON.parse(
      readFileSync(join(recorded.folder, 'golden/models', name, 'reference.json'), 'utf8'),
    );
    const errors: number[] = [];
    for (const bits of [8, 4] as const) {
      const model = await openRounded(join(recorded.folder, 'models', name), bits);
      const error = await errorOf(model, reference);
      errors.push(error);
      const texts = await sureTokens(model, reference, error);
      expect(texts.map(({ found }) => found)).toEqual(texts.map(({ wanted }) => wanted));
      expect(texts.some(({ wanted }) => wanted.length > 0)).toBe(true);
      await model.close();
    }
    expect(at(errors, 0)).toBeLessThan(at(errors, 1));
  },
);
