import { expect, test } from 'vitest';
import { type Reading, standingOf } from './readings.js';
import type { Figure } from './report.js';

const reading = (
  value: number,
  low: number,
  high: number,
  more: Partial<Figure> = {},
): Reading => ({
  attack: ['vmi'],
  metric: 'positional-accuracy',
  value,
  figure: {
    value,
    low,
    high,
    n: 200,
    interval: 'samples',
    seeds: 1,
    atLeast: false,
    baselines: { prior: 0.06, 'wrong-head': 0.5 },
    ...more,
  },
});

test('an interval wholly above guessing leaks', () => {
  expect(standingOf(reading(0.09, 0.07, 0.11))).toBe('leaks');
});

test('an interval around guessing that ends within five points of it is guessing', () => {
  expect(standingOf(reading(0.06, 0.05, 0.08))).toBe('guessing');
});

test('a wide interval around guessing answers nothing', () => {
  expect(standingOf(reading(0.1, 0.02, 0.25))).toBe('unclear');
});

test('an optimiser that failed is no privacy', () => {
  expect(standingOf(reading(0.06, 0.05, 0.08, { atLeast: true, residualWorse: 0.3 }))).toBe(
    'unclear',
  );
  expect(standingOf(reading(0.06, 0.05, 0.08, { atLeast: true }))).toBe('unclear');
});

test('an optimiser that failed may still have read enough to leak', () => {
  expect(standingOf(reading(0.4, 0.3, 0.5, { atLeast: true, residualWorse: 0.3 }))).toBe('leaks');
});

test('without an interval nothing is called guessing', () => {
  expect(
    standingOf({
      ...reading(0.05, 0, 0),
      figure: { ...reading(0.05, 0, 0).figure, low: null, high: null },
    }),
  ).toBe('unclear');
});
