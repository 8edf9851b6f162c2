import { randomStream } from '@vflair/core/tensor';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { unpacked } from '../testing/unpacked.js';
import { emptyBlocks, type PackedBlocks, packRows } from './pack-blocks.js';

function packed(bits: 4 | 8, rows: readonly (readonly number[])[]): PackedBlocks {
  const columns = rows[0]?.length ?? 0;
  const into = emptyBlocks({
    bits,
    rows: rows.length,
    columns,
    shift: bits === 4 ? 'zeros' : 'none',
  });
  packRows(into, 0, Float32Array.from(rows.flat()));
  return into;
}

const row = fc.array(
  fc.float({ noNaN: true, noDefaultInfinity: true, min: Math.fround(-1e3), max: Math.fround(1e3) }),
  { minLength: 1, maxLength: 70 },
);

/** Blocks of 32 numbers and what became of them. */
function blocksOf(x: readonly number[], bits: 4 | 8) {
  const found = unpacked(packed(bits, [x]));
  return Array.from({ length: Math.ceil(x.length / 32) }, (_, i) => ({
    x: x.slice(32 * i, 32 * i + 32),
    y: [...found].slice(32 * i, 32 * i + 32),
  }));
}

test('of 8 bits, no number moves by more than half of a 127th of the largest in its block', () => {
  fc.assert(
    fc.property(row, (numbers) => {
      for (const { x, y } of blocksOf(numbers, 8)) {
        const half = Math.max(...x.map(Math.abs)) / 254;
        x.forEach((one, i) => {
          expect(Math.abs(one - (y[i] ?? Number.NaN))).toBeLessThanOrEqual(half * 1.00001 + 1e-40);
        });
      }
    }),
  );
});

const square = (x: readonly number[], y: readonly number[]): number =>
  x.reduce((sum, one, i) => sum + (one - (y[i] ?? Number.NaN)) ** 2, 0);

test('of 4 bits, fitted scales are no worse than those of the range', () => {
  fc.assert(
    fc.property(row, (numbers) => {
      for (const { x, y } of blocksOf(numbers, 4)) {
        const [low, high] = [Math.min(0, ...x), Math.max(0, ...x)];
        const scale = (high - low) / 15;
        if (scale < 1e-30) continue;
        const zero = Math.round(-low / scale);
        const plain = x.map(
          (one) => scale * (Math.min(15, Math.max(0, Math.round(one / scale) + zero)) - zero),
        );
        // A scale is a float32: what it says is off by 2⁻²⁴ of it at most, and of 15 steps in all.
        const rounding = x.length * (15 * scale * 2 ** -23) ** 2;
        expect(square(x, y)).toBeLessThanOrEqual(square(x, plain) * 1.00001 + rounding);
      }
    }),
  );
});

test.each([4, 8] as const)('of %i bits, zeros stay zeros', (bits) => {
  expect([...unpacked(packed(bits, [Array.from({ length: 40 }, () => 0)]))]).toEqual(
    Array.from({ length: 40 }, () => 0),
  );
  const [first] = unpacked(packed(bits, [[0, 3, -1.5, 7]]));
  expect(first).toBe(0);
});

test('rows written in two pieces are those written at once', () => {
  const random = randomStream('pieces');
  const floats = Float32Array.from({ length: 6 * 40 }, random.normal);
  for (const bits of [4, 8] as const) {
    const form = { bits, rows: 6, columns: 40, shift: bits === 4 ? 'zeros' : 'none' } as const;
    const [once, twice] = [emptyBlocks(form), emptyBlocks(form)];
    packRows(once, 0, floats);
    packRows(twice, 0, floats.subarray(0, 2 * 40));
    packRows(twice, 2, floats.subarray(2 * 40));
    expect(twice).toEqual(once);
  }
});
