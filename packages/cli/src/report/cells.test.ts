import type { RunRecord } from '@vflair/core/contract';
import { present } from '@vflair/core/text';
import { expect, test } from 'vitest';
import { cellsOf } from './cells.js';
import { cell, readRecords, record, taskRecords } from './invented-records.test.helper.js';
import type { Figure } from './report.js';

const metric = (records: readonly RunRecord[], name: string): Figure =>
  present(
    cellsOf(records)
      .map(({ metrics }) => metrics[name])
      .find((figure) => figure !== undefined),
  );

const accuracy = (seed: number, value: number, more: Partial<RunRecord> = {}): RunRecord =>
  record({
    cell: { ...cell('plain'), seed },
    kind: 'task',
    name: 'accuracy',
    at: 'test',
    value,
    n: 500,
    unit: 'fraction',
    ...more,
  });

test('a figure carries its interval, its samples and the baselines of its cell', () => {
  expect(metric(taskRecords(cell('plain'), [0.978, 0.961, 0.988]), 'accuracy')).toEqual({
    value: 0.978,
    low: 0.961,
    high: 0.988,
    n: 500,
    unit: 'fraction',
    interval: 'samples',
    seeds: 1,
    atLeast: false,
    baselines: { majority: 0.692, 'naive-bayes': 0.951, 'without-body': 0.803 },
  });
});

test('several seeds are one figure: their mean and its t interval', () => {
  const figure = metric([accuracy(1, 0.9), accuracy(2, 0.92), accuracy(3, 0.94)], 'accuracy');
  // s = 0.02, t(2) = 4.303: half width 4.303·0.02/√3
  expect(figure.value).toBeCloseTo(0.92, 12);
  expect(figure.high).toBeCloseTo(0.92 + (4.3027 * 0.02) / Math.sqrt(3), 4);
  expect(figure.interval).toBe('seeds');
  expect(figure.seeds).toBe(3);
});

test('the interval of a share ends at one', () => {
  expect(metric([accuracy(1, 0.9), accuracy(2, 1)], 'accuracy').high).toBe(1);
});

test('of several steps the last one is the figure', () => {
  const steps = [
    accuracy(1, 0.5, { step: 100 }),
    accuracy(1, 0.9, { step: 300 }),
    accuracy(1, 0.95, { step: 200 }),
  ];
  expect(metric(steps, 'accuracy').value).toBe(0.9);
});

test('a split other than test is named', () => {
  const [found] = cellsOf([accuracy(1, 0.99, { at: 'train' }), accuracy(1, 0.97)]);
  expect(Object.keys(present(found).metrics).sort()).toEqual(['accuracy', 'train/accuracy']);
});

test('a baseline of another split stays away', () => {
  const base = record({
    cell: { ...cell('plain'), seed: 1 },
    kind: 'baseline',
    name: 'majority',
    of: 'accuracy',
    at: 'train',
    value: 0.5,
  });
  expect(metric([accuracy(1, 0.97), base], 'accuracy').baselines).toEqual({});
});

test('of a static and an adaptive attack the stronger one is the figure, and both are kept', () => {
  const where = cell('sparsified', ['sparsify'], ['vmi']);
  const figure = metric(
    [
      ...readRecords(where, [0.614, 0.57, 0.655], { adaptive: false }),
      ...readRecords(where, [0.881, 0.848, 0.909], { adaptive: true }),
    ],
    'positional-accuracy',
  );
  expect([figure.value, figure.adaptive]).toEqual([0.881, true]);
  expect(figure.variants?.map(({ value, adaptive }) => [value, adaptive])).toEqual([
    [0.881, true],
    [0.614, false],
  ]);
});

test('an optimiser that failed on some rows makes the figure a lower bound', () => {
  const records = readRecords(cell('plain', [], ['vmi']), [0.3, 0.2, 0.4], { residualWorse: 0.1 });
  const figure = metric(records, 'positional-accuracy');
  expect([figure.atLeast, figure.residualWorse]).toEqual([true, 0.1]);
});

test('a figure that could not be measured stays a figure', () => {
  expect(metric([{ ...accuracy(1, 0), value: null }], 'accuracy')).toMatchObject({
    value: null,
    interval: 'none',
  });
});
