import { expect, test } from 'vitest';
import { PipelineParser } from './grammar.js';
import { vocabulary } from './tokens.js';

test('the grammar defines itself without an error', () => {
  expect(() => new PipelineParser()).not.toThrow();
});

test('every token says what it is called, and tokens and rules share no name', () => {
  const rules = Object.keys(new PipelineParser().getGAstProductions());
  const names = vocabulary.map(({ name }) => name);
  expect(names.filter((name) => rules.includes(name))).toEqual([]);
  const spaces = ['Space', 'Comment', 'ForeignComment'];
  const nameless = vocabulary.filter(({ LABEL, name }) => !LABEL && !spaces.includes(name));
  expect(nameless).toEqual([]);
});
