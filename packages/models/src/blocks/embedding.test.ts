import type { ModelSpec } from '@vflair/core/contract';
import { Slice, wholePart } from '@vflair/core/session';
import { randomStream } from '@vflair/core/tensor';
import { drawFamilyCase, smallModel } from '@vflair/core/testing';
import { Bug, present } from '@vflair/core/text';
import { expect, test } from 'vitest';
import { embedding } from './embedding.js';

/** Gradient of the embedding table of a model that looks tokens up with `embedding`, by row. */
async function tableGradient(
  paddingRow: number | undefined,
  frozenOutput: boolean,
): Promise<number[][]> {
  const small = smallModel();
  const spec: ModelSpec = {
    ...small,
    tokens: (input, ids) => embedding(input, 'table', ids, paddingRow),
    logits: (context, hidden) =>
      frozenOutput ? context.g.mul(hidden, 1) : small.logits(context, hidden),
    loss: (g, logits) => g.sum(g.mul(logits, logits)),
  };
  const made = drawFamilyCase(spec, randomStream('embedding'));
  const stored = (): never => {
    throw new Bug('VF990', 'everything is trained');
  };
  const slice = new Slice(spec, wholePart(spec), {
    stored,
    trained: made.weights,
    adapters: new Map(),
  });
  const { trained } = await slice.lossStep(made.inputs, made.labels);
  await slice.close();
  const { shape, data } = present(trained.get('table'));
  const [rows = 0, width = 0] = shape;
  return Array.from({ length: rows }, (_, row) => [...data.slice(row * width, (row + 1) * width)]);
}

test('the padding row has no gradient from being looked up, other rows have all of it', async () => {
  const [with0, without] = [await tableGradient(0, true), await tableGradient(undefined, true)];
  expect(with0[0]?.every((x) => x === 0)).toBe(true);
  expect(without[0]?.some((x) => x !== 0)).toBe(true);
  expect(with0.slice(1)).toEqual(without.slice(1));
});

test('as a tied output the padding row still has its gradient', async () => {
  expect((await tableGradient(0, false))[0]?.some((x) => x !== 0)).toBe(true);
});
