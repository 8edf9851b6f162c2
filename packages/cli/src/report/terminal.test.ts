import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildReport } from './build-report.js';
import { cell, record } from './invented-records.test.helper.js';
import { inventedRecords, inventedRun } from './invented-run.test.helper.js';
import { filled, renderTerminal } from './terminal.js';

test('the badge and the sentences, in lines of at most 80 columns', () => {
  const text = renderTerminal(buildReport(inventedRun()));
  expect(text.split('\n')[0]).toBe('believed: all 18 checks of the run hold');
  expect(text.split('\n').every((line) => line.length <= 80)).toBe(true);
  expect(text).toContain('With this split and no defense, `server` reads 93.2 % of the tokens');
  expect(text).not.toContain('**');
});

test('the failed check is named before anything else', () => {
  const failed = record({
    cell: cell('chat'),
    kind: 'oracle',
    name: 'ceiling',
    value: 0.9,
    bound: 0.8,
    ok: false,
  });
  const text = renderTerminal(buildReport(inventedRun({ records: [...inventedRecords, failed] })));
  expect(text.split('\n')[0]).toBe('NOT TO BE BELIEVED: ceiling in chat failed');
});

test('a number and its unit stay on one line', () => {
  expect(filled(`${'x'.repeat(76)} 93.2 % of`)).toBe(`${'x'.repeat(76)}\n93.2 % of`);
});

test('filling loses no word', () => {
  const words = fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 });
  fc.assert(
    fc.property(words, (list) => {
      expect(filled(list.join(' ')).split(/\s/)).toEqual(list);
    }),
  );
});
