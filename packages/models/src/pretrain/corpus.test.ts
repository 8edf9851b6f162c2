import { expect, test } from 'vitest';
import { byteCount, tokenStream, wholeDocuments } from './corpus.js';

const rows = [
  { id: 'a #1', text: 'One.', cluster: 'a' },
  { id: 'b #1', text: 'Drei.', cluster: 'b' },
  { id: 'a #2', text: 'Zwö.', cluster: 'a' },
];

test('passages of a document come together in their order', () => {
  expect(wholeDocuments(rows)).toEqual([['One.', 'Zwö.'], ['Drei.']]);
});

test('documents are separated, and passages keep the blank between them', () => {
  const codes = (text: string): number[] => Array.from(text, (letter) => letter.charCodeAt(0));
  const stream = tokenStream(wholeDocuments(rows), codes, 0);
  expect([...stream]).toEqual([0, ...codes('One. Zwö.'), 0, ...codes('Drei.'), 0]);
});

test('bytes are those of UTF-8', () => {
  expect(byteCount(wholeDocuments(rows))).toBe('One. Zwö.Drei.'.length + 1);
});
