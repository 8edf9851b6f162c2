import fc from 'fast-check';
import { expect, test } from 'vitest';
import { distance, entryOf, list, nearest, suggest } from './words.js';

const word = fc.string({ maxLength: 8 });

test('a swap of neighbours is one edit, like an insertion, a deletion and a replacement', () => {
  expect(distance('vmi', 'vim')).toBe(1);
  expect(distance('head', 'heads')).toBe(1);
  expect(distance('head', 'had')).toBe(1);
  expect(distance('head', 'bead')).toBe(1);
  expect(distance('kitten', 'sitting')).toBe(3);
});

test('a distance is symmetric, zero for equal words only, and at most the longer length', () => {
  fc.assert(
    fc.property(word, word, (a, b) => {
      expect(distance(a, b)).toBe(distance(b, a));
      expect(distance(a, b) === 0).toBe(a === b);
      expect(distance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
    }),
    { seed: 60 },
  );
});

test('the nearest three come nearest first, each once', () => {
  expect(nearest('hed', ['tail', 'head', 'bed', 'head', 'body'])).toEqual(['bed', 'head', 'body']);
  expect(nearest('x', [])).toEqual([]);
});

test('lists read like a sentence', () => {
  expect(list([])).toBe('nothing');
  expect(list(['a'])).toBe('`a`');
  expect(list(['a', 'b'])).toBe('`a` and `b`');
  expect(list(['a', 'b', 'c'], 'or')).toBe('`a`, `b` or `c`');
});

test('with nothing to suggest, something else is said', () => {
  expect(suggest('a', [], 'write one')).toBe('write one');
  expect(suggest('a', ['b'], 'write one')).toBe('did you mean `b`?');
});

test('a table has no entry it only inherits', () => {
  expect(entryOf<number>({ a: 1 }, 'a')).toBe(1);
  expect(entryOf<number>({ a: 1 }, 'constructor')).toBeUndefined();
});
