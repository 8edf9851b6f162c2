import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AnswerStream } from './answer-stream.js';

/** One token per byte. */
const decode = (ids: readonly number[]): string =>
  new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(ids));

function streamed(text: string, stops: readonly string[] = []): string[] {
  const stream = new AnswerStream(decode, stops);
  const said = [...new TextEncoder().encode(text)].map((byte) => stream.add(byte));
  return [...said, stream.end()];
}

test('what is said is the answer, never cut inside a character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      fc.pre(!text.includes('\uFFFD'));
      const said = streamed(text);
      expect(said.join('')).toBe(text);
      expect(said.filter((part) => /[\uD800-\uDBFF]$|^[\uDC00-\uDFFF]|\uFFFD/.test(part))).toEqual(
        [],
      );
    }),
  );
});

test('a character comes with its last byte', () => {
  expect(streamed('né')).toEqual(['n', '', 'é', '']);
  expect(streamed('🙂')).toEqual(['', '', '', '🙂', '']);
});

test('bytes that never became a character are replaced at the end', () => {
  const stream = new AnswerStream(decode, []);
  expect([stream.add(0x61), stream.add(0xc3), stream.end()]).toEqual(['a', '', '\uFFFD']);
});

test('nothing of a stop text is said, and nothing that turns out to be none is lost', () => {
  expect(streamed('yes.END more', ['END'])).toEqual(expect.arrayContaining(['y', 'e', 's', '.']));
  expect(streamed('yes.END more', ['END']).join('')).toBe('yes.');
  expect(streamed('EN route', ['END']).join('')).toBe('EN route');
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', 'b', 'é'), maxLength: 12 }), (text) => {
      const end = text.indexOf('abé');
      expect(streamed(text, ['abé']).join('')).toBe(end < 0 ? text : text.slice(0, end));
    }),
  );
});
