import { expect, test } from 'vitest';
import { Findings, finding } from '../text/index.js';
import { fromFailure, toFailure } from './failure.js';

/** What an error is after it went to another thread and was thrown again. */
const crossed = (error: unknown): Error => fromFailure(structuredClone(toFailure(error)));

test('findings survive the crossing, with code, words and hint', () => {
  const sent = finding('VF561', 'the loss is not a number', 'lower it');
  const found = crossed(sent);
  expect(found).toBeInstanceOf(Findings);
  expect(found instanceof Findings && found.diagnostics).toEqual(sent.diagnostics);
  expect(found.message).toBe(sent.message);
});

test('any other error keeps its message and its stack', () => {
  const sent = new RangeError('no such row');
  expect(crossed(sent)).not.toBeInstanceOf(Findings);
  expect(crossed(sent).message).toBe('no such row');
  expect(crossed(sent).stack).toBe(sent.stack);
});

test('something thrown that is no error is told as text', () => {
  expect(crossed('just words').message).toBe('just words');
});
