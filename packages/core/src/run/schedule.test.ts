import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PipelinePlan } from '../contract/index.js';
import { randomStream } from '../tensor/index.js';
import { invented } from './invented.test.helper.js';
import { drawnRows, evaluationBatches, trainingBatches } from './schedule.js';

function training(epochs: number, batch: number, seed = 1): PipelinePlan {
  return invented({ seed, work: { kind: 'finetune', method: 'lora', params: { epochs, batch } } });
}

const ascending = (rows: readonly number[]): number[] => rows.toSorted((a, b) => a - b);
const firstRows = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

test('every epoch shows every row once', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 30 }),
      (epochs, batch, rows) => {
        const perEpoch = Math.ceil(rows / batch);
        const steps = trainingBatches(training(epochs, batch), rows);
        expect(steps).toHaveLength(epochs * perEpoch);
        for (let epoch = 0; epoch < epochs; epoch++) {
          const shown = steps.slice(epoch * perEpoch, (epoch + 1) * perEpoch).flat();
          expect(ascending(shown)).toEqual(firstRows(rows));
        }
        expect(steps.every((step) => step.length <= batch)).toBe(true);
      },
    ),
  );
});

test('epochs and seeds have orders of their own; the same seed has the same', () => {
  const [first, second] = trainingBatches(training(2, 40), 40);
  expect(first).not.toEqual(second);
  expect(trainingBatches(training(2, 40), 40)).toEqual([first, second]);
  expect(trainingBatches(training(1, 40, 2), 40)).not.toEqual([first]);
});

test('a part of an epoch is that share of its batches, rounded up, and begins as the whole one', () => {
  const whole = trainingBatches(training(2, 4), 40);
  expect(trainingBatches(training(1.25, 4), 40)).toEqual(whole.slice(0, 13));
  expect(trainingBatches(training(0.01, 4), 40)).toEqual(whole.slice(0, 1));
});

test('nothing is trained without training', () => {
  expect(trainingBatches(invented({ work: { kind: 'infer', params: {} } }), 10)).toEqual([]);
});

test('evaluation shows the rows in their order, sixteen to a message', () => {
  const batches = evaluationBatches(35);
  expect(batches.map(({ length }) => length)).toEqual([16, 16, 3]);
  expect(batches.flat()).toEqual(firstRows(35));
  expect(evaluationBatches(0)).toEqual([]);
});

test('a draw is ascending, without doubles, and a hundred rows where nobody says how many', () => {
  const drawn = drawnRows(randomStream('draw'), 500, null);
  expect(drawn).toHaveLength(100);
  expect(new Set(drawn).size).toBe(100);
  expect(ascending(drawn)).toEqual(drawn);
  expect(drawnRows(randomStream('draw'), 3, 10)).toEqual([0, 1, 2]);
});
