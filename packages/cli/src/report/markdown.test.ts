import { expect, test } from 'vitest';
import { buildReport } from './build-report.js';
import { cell, record } from './invented-records.test.helper.js';
import { inventedRecords, inventedRun } from './invented-run.test.helper.js';
import { literal, renderMarkdown } from './markdown.js';

const text = renderMarkdown(buildReport(inventedRun()));

test('the verdict stands first, with its badge', () => {
  expect(text.split('\n')[0]).toBe('# What server reads when tiny-gpt2 and gpt2 are split');
  expect(text).toContain(
    'Badge: **believed**\n\nWith this split and no defense, `server` reads **93.2 %**',
  );
});

test('every row of a table has as many cells as its head', () => {
  const bars = (line: string): number => line.replaceAll('\\|', '').split('|').length;
  const blocks = text.split('\n\n').filter((block) => block.startsWith('|'));
  expect(blocks.length).toBeGreaterThan(4);
  for (const block of blocks) expect(new Set(block.split('\n').map(bars)).size).toBe(1);
});

test('no figure is NaN, undefined or null', () => {
  expect(text).not.toMatch(/NaN|undefined|null|\[object/);
});

test('a lower bound is called one', () => {
  expect(text).toContain('at least 28.7 %');
});

test('text that looks like markup stays text', () => {
  expect(literal('a|b <b> `c` *d*\n[e]')).toBe('a\\|b &lt;b> \\`c\\` \\*d\\* \\[e\\]');
  const hostile = record({ cell: cell('plain'), kind: 'note', name: 'x', text: '<script>|' });
  const made = renderMarkdown(buildReport(inventedRun({ records: [...inventedRecords, hostile] })));
  expect(made).not.toContain('<script>');
});
