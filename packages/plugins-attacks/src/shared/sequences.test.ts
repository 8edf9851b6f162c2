import type { SeenMessage } from '@vflair/core/contract';
import { floatTensor, intTensor } from '@vflair/core/tensor';
import { expect, test } from 'vitest';
import { guessesOf, realPositions, seenBatches } from './sequences.js';

const message = (step: number, values: readonly number[], request?: number): SeenMessage => ({
  phase: request === undefined ? 'test' : 'generate',
  step,
  tensor: floatTensor([1, values.length, 1], Float32Array.from(values)),
  mask: intTensor(
    [1, values.length],
    values.map((x) => Number(x > 0)),
  ),
  ...(request === undefined ? {} : { request }),
});

test('messages of one request are one row, in order, and other messages stay apart', () => {
  const seen = [message(0, [1, 2], 5), message(1, [9], 6), message(2, [3], 5), message(0, [4, 0])];
  const batches = seenBatches(seen);
  expect(batches.map(({ tensor }) => [...tensor.data])).toEqual([[1, 2, 3], [9], [4, 0]]);
  expect(batches.map(({ generated }) => generated)).toEqual([true, true, false]);
  expect(batches.map((batch) => realPositions(batch, 0))).toEqual([[0, 1, 2], [0], [0]]);
});

test('a guess about a joined row is one guess per message, residuals and margins its own', () => {
  const [batch] = seenBatches([message(0, [1, 2], 5), message(1, [3], 5)]);
  if (!batch) throw new Error('no batch');
  const found = { tokens: [7, 8, 9], distances: [1, 3, 5], margins: [0.5, 0.25, 0.75] };
  expect(guessesOf(batch, 0, found)).toEqual([
    { step: 0, row: 0, tokens: [7, 8], residual: 2, margin: 0.25 },
    { step: 1, row: 0, tokens: [9], residual: 5, margin: 0.75 },
  ]);
});

test('padding has no part in a residual', () => {
  const [batch] = seenBatches([message(0, [4, 0])]);
  if (!batch) throw new Error('no batch');
  const [guess] = guessesOf(batch, 0, { tokens: [7, 0], distances: [2, 100] });
  expect(guess).toEqual({ step: 0, row: 0, tokens: [7, 0], residual: 2 });
});
