import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rateAt } from './schedule.js';

test('the rate stays in (0, 1], rises in the warm-up and falls in the cool-down', () => {
  const schedules = fc
    .tuple(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 0, max: 40 }),
      fc.integer({ min: 1, max: 40 }),
    )
    .map(([warmUp, plateau, coolDown]) => ({
      steps: warmUp + plateau + coolDown,
      warmUp,
      coolDown,
    }));
  fc.assert(
    fc.property(schedules, (schedule) => {
      const rates = Array.from({ length: schedule.steps }, (_, step) => rateAt(schedule, step));
      const turn = schedule.steps - schedule.coolDown;
      rates.forEach((rate, step) => {
        expect(rate).toBeGreaterThan(0);
        expect(rate).toBeLessThanOrEqual(1);
        const before = rates[step - 1];
        if (before === undefined) return;
        if (step < schedule.warmUp) expect(rate).toBeGreaterThan(before);
        else if (step <= turn) expect(rate).toBe(1);
        else expect(rate).toBeLessThan(before);
      });
    }),
  );
});

test('half of the cool-down is half of the rate', () => {
  expect(rateAt({ steps: 100, warmUp: 10, coolDown: 40 }, 80)).toBeCloseTo(0.5, 14);
});

test('a longer run has the same rates until the shorter one cools down', () => {
  const short = { steps: 100, warmUp: 10, coolDown: 40 };
  const long = { steps: 200, warmUp: 10, coolDown: 80 };
  for (let step = 0; step <= 60; step++) expect(rateAt(long, step)).toBe(rateAt(short, step));
});
