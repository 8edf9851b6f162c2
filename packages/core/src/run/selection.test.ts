import { expect, test } from 'vitest';
import type { AttackPlan } from '../contract/index.js';
import { invented } from './invented.test.helper.js';
import { evaluationBatches, trainingBatches } from './schedule.js';
import { carrierOf, selectionOf } from './selection.js';

const attack = (split: AttackPlan['split'], samples: number | null): AttackPlan => ({
  ...{ adversary: 'curious', chain: [], split, samples },
});
const sizes = { train: 50, test: 40 };
const params = { epochs: 2, batch: 8 };
const trained = invented({ work: { kind: 'finetune', method: 'lora', params } });

test('rows of the test split are drawn by the seed, and found in their messages', () => {
  const { phase, picks } = selectionOf(invented(), attack('test', 10), sizes);
  expect(phase).toBe('test');
  expect(picks.flatMap(({ dataRows }) => dataRows)).toHaveLength(10);
  const batches = evaluationBatches(sizes.test);
  for (const { step, rows, dataRows } of picks)
    expect(rows.map((row) => batches[step]?.[row])).toEqual(dataRows);
  expect(selectionOf(invented(), attack('test', 10), sizes).picks).toEqual(picks);
  expect(selectionOf(invented({ seed: 2 }), attack('test', 10), sizes).picks).not.toEqual(picks);
});

test('another adversary is shown other rows', () => {
  const other = { ...attack('test', 10), adversary: 'other' };
  expect(selectionOf(invented(), other, sizes)).not.toEqual(
    selectionOf(invented(), attack('test', 10), sizes),
  );
});

test('of training whole messages are shown, as many as hold the wanted rows, in their order', () => {
  const { phase, picks } = selectionOf(trained, attack('train', 20), sizes);
  const batches = trainingBatches(trained, sizes.train);
  expect(phase).toBe('train');
  for (const { step, rows, dataRows } of picks) {
    expect(dataRows).toEqual(batches[step]);
    expect(rows).toEqual(dataRows.map((_, i) => i));
  }
  const count = picks.reduce((sum, { rows }) => sum + rows.length, 0);
  expect(count).toBeGreaterThanOrEqual(20);
  expect(count).toBeLessThan(20 + params.batch);
  const steps = picks.map(({ step }) => step);
  expect(steps).toEqual(steps.toSorted((a, b) => a - b));
});

test('nothing is shown of a training that does not take place', () => {
  expect(selectionOf(invented(), attack('train', 20), sizes).picks).toEqual([]);
});

test('a prompt is the first pass of its request', () => {
  const task = { id: 'generation', params: { 'max-tokens': 5 } };
  const { phase, picks } = selectionOf(invented({ task }), attack('generate', 3), sizes);
  expect(phase).toBe('generate');
  expect(picks.flatMap(({ dataRows }) => dataRows)).toHaveLength(3);
  for (const { step, rows, dataRows } of picks) {
    // Eight prompts go together, each batch with five passes of its own.
    expect(step % 5).toBe(0);
    expect(rows.map((row) => (8 * step) / 5 + row)).toEqual(dataRows);
  }
});

test('what carries activations, gradients and responses, by topology', () => {
  const headTail = invented({
    slices: [
      { name: 'head', from: 'embed', to: 0, owner: 'client', role: 'head' },
      { name: 'tail', from: 1, to: 'output', owner: 'server', role: 'tail' },
    ],
  });
  const carriers = (plan: typeof headTail) =>
    (['activations', 'gradients', 'responses'] as const).map((key) => {
      const { from, to, kind } = carrierOf(plan, key) ?? {};
      return `${from} -> ${to} ${kind}`;
    });
  expect(carriers(invented())).toEqual([
    'head -> body activation',
    'tail -> body gradient',
    'body -> tail activation',
  ]);
  expect(carriers(headTail)).toEqual([
    'head -> tail activation',
    'head -> tail gradient',
    'tail -> head logits',
  ]);
  expect(carrierOf(invented(), 'tokenizer')).toBeUndefined();
});
