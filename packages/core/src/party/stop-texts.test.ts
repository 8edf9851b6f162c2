import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stopTexts } from './stop-texts.js';

const pieces = ['a', 'b', 'ab', 'ba', '\n', '\n\n', 'END'];
const decode = (ids: readonly number[]): string => ids.map((id) => pieces[id]).join('');
const answers = fc.array(fc.nat({ max: pieces.length - 1 }), { maxLength: 12 });

test('an answer without a stop text may go on', () => {
  expect(stopTexts(['\n\n', 'END'], decode)([0, 1, 4, 2])).toBeUndefined();
  expect(stopTexts(['', 'bb'], decode)([0, 1])).toBeUndefined();
  expect(stopTexts([], decode)([6])).toBeUndefined();
});

test('a stop text that is spread over tokens ends the answer before the first of them', () => {
  expect(stopTexts(['\n\n'], decode)([0, 4, 4])).toBe(1);
  expect(stopTexts(['bb'], decode)([0, 2, 3])).toBe(1);
  expect(stopTexts(['END', 'b'], decode)([6, 1])).toBe(0);
});

test('what is kept is the longest run of whole tokens before the first stop text', () => {
  fc.assert(
    fc.property(answers, (answer) => {
      const count = stopTexts(['ba', '\n\n'], decode)(answer);
      const text = decode(answer);
      const ends = ['ba', '\n\n'].map((stop) => text.indexOf(stop)).filter((place) => place >= 0);
      expect(count === undefined).toBe(ends.length === 0);
      if (count === undefined) return;
      const end = Math.min(...ends);
      expect(decode(answer.slice(0, count)).length).toBeLessThanOrEqual(end);
      expect(decode(answer.slice(0, count + 1)).length).toBeGreaterThan(end);
    }),
  );
});
