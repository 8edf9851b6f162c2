import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sharedCase } from '../testing/shared-folder.js';
import { openCheckpoint } from './checkpoint.js';
import { floatToHalf, halfToFloat, widenHalves } from './float16.js';
import { widenFloats } from './widen.js';

const everyHalf = Uint16Array.from({ length: 65536 }, (_, bits) => bits);
const table = widenHalves(everyHalf);

test('widening many is widening one by one, signs of zero included', () => {
  expect(table).toEqual(Float32Array.from(everyHalf, halfToFloat));
});

test('all 65,536 values survive the way there and back', () => {
  for (let bits = 0; bits < 65536; bits++) {
    const value = halfToFloat(bits);
    if (!Number.isNaN(value)) expect(floatToHalf(value)).toBe(bits);
  }
});

test('a float goes to the nearest value, ties to the even one', () => {
  const positive = [...table.slice(0, 0x7c00)];
  fc.assert(
    fc.property(fc.float({ noNaN: true, min: 0, max: 65504 }), (value) => {
      const bits = floatToHalf(value);
      const distance = Math.abs((positive[bits] ?? 0) - value);
      for (const other of [bits - 1, bits + 1]) {
        const theirs = Math.abs((positive[other] ?? Number.POSITIVE_INFINITY) - value);
        expect(distance < theirs || (distance === theirs && bits % 2 === 0)).toBe(true);
      }
    }),
    { numRuns: 2000 },
  );
});

test('halfway cases go to the even neighbour', () => {
  expect(halfToFloat(floatToHalf(2049))).toBe(2048);
  expect(halfToFloat(floatToHalf(2051))).toBe(2052);
  expect(floatToHalf(2 ** -25)).toBe(0);
  expect(floatToHalf(2 ** -25 * 3)).toBe(2);
  expect(floatToHalf(1 - 2 ** -12)).toBe(0x3c00);
});

test('signs, infinities and NaN', () => {
  expect(floatToHalf(-0)).toBe(0x8000);
  expect(floatToHalf(65519.99)).toBe(0x7bff);
  expect(floatToHalf(65520)).toBe(0x7c00);
  expect(floatToHalf(Number.NEGATIVE_INFINITY)).toBe(0xfc00);
  expect(halfToFloat(floatToHalf(Number.NaN))).toBeNaN();
});

const recorded = sharedCase('recorded bit patterns widen to the recorded floats', [
  'golden/models/dequantise/dequantise.safetensors',
]);
test.skipIf(recorded.isAbsent)(recorded.title, () => {
  const file = join(recorded.folder, 'golden/models/dequantise/dequantise.safetensors');
  const checkpoint = openCheckpoint(file);
  const bytes = readFileSync(file);
  const part = (key: string): Uint8Array => {
    const { offset, length } = checkpoint.find(key);
    return Uint8Array.from(bytes.subarray(offset, offset + length));
  };
  for (const type of ['F16', 'BF16'] as const) {
    const expected = new Float32Array(part(`${type}.bits.expected`).buffer);
    expect(widenFloats(type, part(`${type}.bits.raw`))).toEqual(expected);
  }
  checkpoint.close();
});
