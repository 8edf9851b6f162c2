import fc from 'fast-check';
import { expect, test } from 'vitest';
import { passagesOf } from './passages.js';

test('sentences are gathered until a passage is long enough', () => {
  expect(passagesOf('One two. Three! Four five?\n\nSix.', 12)).toEqual([
    'One two. Three!',
    'Four five? Six.',
  ]);
});

test('nothing but white space is lost', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '.', '!', '\n', '"') });
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 20 }), (text, shortest) => {
      const passages = passagesOf(text, shortest);
      expect(passages.join('').replace(/\s/g, '')).toBe(text.replace(/\s/g, ''));
      if (passages.length > 1)
        expect(Math.min(...passages.map((p) => p.length))).toBeGreaterThanOrEqual(shortest);
    }),
  );
});
