import { expect, test } from 'vitest';
import type { ChartGroup } from './points.js';
import { useDomain } from './spec.js';

const group = (
  useMetric: string,
  lows: readonly number[],
  highs: readonly number[],
  trivial: number | null,
): ChartGroup => ({
  useMetric,
  leakMetric: 'positional-accuracy',
  guess: 0.06,
  trivial: trivial === null ? null : { name: 'majority', value: trivial },
  rows: [],
  points: lows.map((xLow, index) => ({
    name: 'a',
    attack: 'vmi',
    defense: 'no defense',
    x: xLow,
    xLow,
    xHigh: highs[index] ?? xLow,
    y: 0.5,
    yLow: 0.5,
    yHigh: 0.5,
    atLeast: false,
    strongest: true,
    pareto: false,
  })),
});

test('an axis of shares holds the trivial use and ends at one', () => {
  const [low, high] = useDomain(group('accuracy', [0.9, 0.95], [0.93, 0.97], 0.69));
  expect(low).toBeLessThan(0.69);
  expect(high).toBe(1);
});

test('an axis of shares never starts below zero', () => {
  expect(useDomain(group('accuracy', [0.01], [0.05], 0.02))[0]).toBe(0);
});

test('perplexity runs backwards, so that better is always to the right', () => {
  const [left, right] = useDomain(group('perplexity', [20, 30], [25, 40], null));
  expect(left).toBeGreaterThan(40);
  expect(right).toBeLessThan(20);
});
