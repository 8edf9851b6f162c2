import { createGraph, encodeModel } from '@vflair/core/graph';
import { bareContext, Session } from '@vflair/core/session';
import { asFloat, floatTensor, intTensor } from '@vflair/core/tensor';
import { Bug, present } from '@vflair/core/text';
import { expect, test } from 'vitest';
import { readSummary, summarise } from './summary.js';

async function summaryOf(type: string): Promise<number[]> {
  const g = createGraph();
  const hidden = g.input('hidden', 'float32', ['batch', 'seq', 2]);
  const weight = (key: string): never => {
    throw new Bug('VF923', key);
  };
  const parameters = { weight, has: () => false, adapter: () => undefined, trains: () => false };
  const mask = g.constant(intTensor([2, 3], [1, 1, 1, 1, 1, 0]));
  const context = bareContext({ g, mask, positions: mask, parameters });
  const summary = readSummary(
    { summary_type: type, summary_use_proj: false, summary_activation: null },
    'test',
  );
  const result = summarise(context, summary, hidden);
  const session = await Session.open(encodeModel(g, new Map([['result', result]])));
  const values = Float32Array.of(1, 2, 3, 4, 5, 9, 10, 20, 30, 40, 50, 90);
  const found = await session.run({ hidden: floatTensor([2, 3, 2], values) });
  await session.close();
  return [...asFloat(present(found.result, 'result')).data];
}

test('the last position, the first, or the mean over all, padding included', async () => {
  expect(await summaryOf('last')).toEqual([5, 9, 50, 90]);
  expect(await summaryOf('cls_index')).toEqual([5, 9, 50, 90]);
  expect(await summaryOf('first')).toEqual([1, 2, 10, 20]);
  expect(await summaryOf('mean')).toEqual([3, 5, 30, 50]);
});

test('the map and its activation are those of the config, tanh where it names none', () => {
  expect(readSummary({}, 'test')).toMatchObject({ kind: 'last', hasMap: true });
  expect(() => readSummary({ summary_type: 'attn' }, 'test')).toThrow('summary_type');
  expect(() => readSummary({ summary_activation: 'swoosh' }, 'test')).toThrow('swoosh');
});
