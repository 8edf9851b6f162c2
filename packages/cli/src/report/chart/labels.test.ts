import fc from 'fast-check';
import { expect, test } from 'vitest';
import { placed } from './labels.js';

const plot = { width: 600, height: 360 };

test('names that have room beside their points stay there', () => {
  const names = [60, 160, 260].map((y) => ({ text: `at ${y}`, x: 100, y, reach: 0 }));
  expect(placed(names, plot).map(({ labelY, led }) => [labelY, led])).toEqual([
    [60, false],
    [160, false],
    [260, false],
  ]);
});

test('two points in one place get names in two places', () => {
  const names = ['first', 'second'].map((text) => ({ text, x: 300, y: 180, reach: 0 }));
  const [first, second] = placed(names, plot);
  expect([first?.labelX, first?.labelY]).not.toEqual([second?.labelX, second?.labelY]);
});

test('a name at the right edge is set to the left of its point', () => {
  expect(placed([{ text: 'a rather long name', x: 590, y: 100, reach: 0 }], plot)[0]?.align).toBe(
    'right',
  );
});

test('a name starts beyond the interval of its point', () => {
  expect(placed([{ text: 'a', x: 100, y: 100, reach: 40 }], plot)[0]?.labelX).toBeGreaterThan(140);
});

test('a few names in any places lie inside the plot', () => {
  const name = fc.record({
    text: fc.constantFrom('plain', 'sparsified · vmi'),
    x: fc.integer({ min: 0, max: 600 }),
    y: fc.integer({ min: 10, max: 350 }),
    reach: fc.integer({ min: 0, max: 20 }),
  });
  fc.assert(
    fc.property(fc.array(name, { maxLength: 5 }), (names) => {
      for (const { text, labelX, labelY, align } of placed(names, plot)) {
        const width = text.length * 6.3;
        expect(align === 'left' ? labelX : labelX - width).toBeGreaterThanOrEqual(0);
        expect(align === 'left' ? labelX + width : labelX).toBeLessThanOrEqual(plot.width);
        expect(labelY).toBeGreaterThanOrEqual(0);
      }
    }),
  );
});
