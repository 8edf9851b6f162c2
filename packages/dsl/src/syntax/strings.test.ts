import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeString, encodeString } from './strings.js';

test('a string is read as it was written', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const literal = encodeString(text);
      expect(literal).not.toMatch(/[\n\r]/);
      expect(decodeString(literal)).toEqual({ text, unknown: [] });
    }),
    { seed: 60 },
  );
});

test('every escape of the language is read', () => {
  expect(decodeString(String.raw`"\n\t\"\\\u{41}\u{1F600}"`).text).toBe('\n\t"\\A😀');
});

test('unknown escapes are kept, and their places told', () => {
  const literal = String.raw`"a\qb\u{110000}\u{d800}"`;
  const { text, unknown } = decodeString(literal);
  expect(text).toBe(literal.slice(1, -1));
  expect(unknown.map(({ start, end }) => literal.slice(start, end))).toEqual([
    String.raw`\q`,
    String.raw`\u{110000}`,
    String.raw`\u{d800}`,
  ]);
});

test('a string that is not closed loses the spaces at its end', () => {
  expect(decodeString('"abc  ', false).text).toBe('abc');
});
