import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  byteSize,
  counted,
  duration,
  percent,
  percentRange,
  pValue,
  significant,
} from './numbers.js';

test('three significant digits, whatever the size', () => {
  expect([0.97812, 23.412, 3.1e-6, 0, -0.5, 23412, 2e9].map(significant)).toEqual([
    '0.978',
    '23.4',
    '3.1e-6',
    '0',
    '-0.5',
    '23,400',
    '2e+9',
  ]);
});

test('a printed figure is within half a unit of its third digit', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-9, max: 1e12, noNaN: true }), (value) => {
      const read = Number(significant(value).replaceAll(',', ''));
      expect(Math.abs(read - value)).toBeLessThanOrEqual(value * 0.0051);
    }),
  );
});

test('only a share of one reads 100 %', () => {
  expect([0.9321, 1, 0.99999, 0].map(percent)).toEqual(['93.2 %', '100 %', '99.9 %', '0 %']);
  expect(percentRange(0.901, 0.954)).toBe('90.1 to 95.4 %');
});

test('bytes and durations carry the unit a person would choose', () => {
  expect([0, 512, 8192, 3.41e9].map(byteSize)).toEqual(['0 B', '512 B', '8.19 kB', '3.41 GB']);
  expect([0.0123, 1, 89, 95, 7200].map(duration)).toEqual([
    '12.3 ms',
    '1 s',
    '89 s',
    '1.58 min',
    '2 h',
  ]);
});

test('a p-value is never printed as zero', () => {
  expect([0, 0.0004, 0.04123].map(pValue)).toEqual(['<0.001', '<0.001', '0.0412']);
});

test('one row is not two rows', () => {
  expect([counted(1, 'row'), counted(2000, 'row')]).toEqual(['1 row', '2,000 rows']);
});
