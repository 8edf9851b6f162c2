import { randomStream } from '@vflair/core/tensor';
import { at } from '@vflair/core/text';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { scoredWindows, Windows } from './windows.js';

/** Tokens that tell where they stand: stream·10000 + place. */
const stream = (name: number, length: number): Int32Array =>
  Int32Array.from({ length }, (_, place) => name * 10_000 + place);

const sources = fc.array(
  fc.record({ length: fc.integer({ min: 40, max: 300 }), share: fc.constantFrom(0.25, 0.5, 1) }),
  { minLength: 1, maxLength: 3 },
);

test('windows of an epoch are runs of one stream that do not overlap', () => {
  fc.assert(
    fc.property(
      sources,
      fc.integer({ min: 2, max: 19 }),
      fc.nat({ max: 3 }),
      (specs, length, epoch) => {
        const windows = new Windows(
          specs.map((spec, name) => ({ stream: stream(name, spec.length), share: spec.share })),
          length,
          randomStream('windows test'),
        );
        const seen = new Set<number>();
        for (let i = 0; i < windows.perEpoch; i++) {
          const window = windows.window(epoch * windows.perEpoch + i);
          expect(window).toHaveLength(length);
          window.forEach((token, place) => {
            expect(token).toBe(at([...window], 0) + place);
            expect(seen.has(token)).toBe(false);
            seen.add(token);
          });
        }
        const expected = specs.map(({ length: size, share }) => {
          const fitting = Math.floor((size - length) / length);
          return Math.ceil(fitting * share);
        });
        expect(windows.perEpoch).toBe(expected.reduce((sum, n) => sum + n, 0));
      },
    ),
  );
});

test('a window depends on the seed and its number, not on what was asked before', () => {
  const make = (seed: string) =>
    new Windows([{ stream: stream(0, 500), share: 1 }], 16, randomStream(seed));
  const inOrder = make('a');
  const expected = Array.from({ length: 70 }, (_, i) => inOrder.window(i));
  const jumping = make('a');
  for (const i of [69, 3, 40, 0]) expect(jumping.window(i)).toEqual(expected[i]);
  const other = make('b');
  expect(Array.from({ length: 70 }, (_, i) => other.window(i))).not.toEqual(expected);
});

test('every token of a stream but the first is scored once, with context before it', () => {
  const cases = fc
    .tuple(
      fc.integer({ min: 2, max: 400 }),
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 20 }),
    )
    .map(([size, context, more]) => ({ size, context, length: context + more }));
  fc.assert(
    fc.property(cases, ({ size, context, length }) => {
      const scored = scoredWindows(stream(0, size), length, context).flatMap(({ tokens, from }) => {
        expect(tokens.length).toBeLessThanOrEqual(length);
        expect(from).toBeGreaterThanOrEqual(Math.min(context, at([...tokens], from)));
        return [...tokens.subarray(from)];
      });
      expect(scored).toEqual(Array.from({ length: size - 1 }, (_, i) => i + 1));
    }),
  );
});
