import { createHash } from 'node:crypto';
import type { RunRecord } from '@vflair/core/contract';
import { beforeAll, expect, test } from 'vitest';
import { buildReport, type RunFacts } from '../build-report.js';
import { cell, record } from '../invented-records.test.helper.js';
import { inventedRecords, inventedRun } from '../invented-run.test.helper.js';
import { tagsOf, textOf, unbalanced } from './outline.test.helper.js';
import { largestPage, renderHtml } from './page.js';

const rendered = (run: RunFacts): Promise<string> =>
  renderHtml(buildReport(run), run.plan, run.lock);

let page = '';
beforeAll(async () => {
  page = await rendered(inventedRun());
});

const named = (name: string) => tagsOf(page).filter((tag) => tag.name === name && !tag.closing);

const policy = (): string =>
  (
    named('meta').find(({ attributes }) => 'http-equiv' in attributes)?.attributes.content ?? ''
  ).replaceAll('&#39;', "'");

test('the same records give the same bytes', async () => {
  expect(await rendered(inventedRun())).toBe(page);
});

test('every tag is closed in its turn', () => {
  expect(unbalanced(page)).toEqual([]);
});

test('no figure is NaN, undefined, null or an object', () => {
  expect(textOf(page.replace(/<details class="bulk">[\s\S]*?<\/details>/, ''))).not.toMatch(
    /\bNaN\b|\bundefined\b|\bnull\b|\[object|Infinity/,
  );
  expect(page).not.toMatch(/="[^"]*(NaN|undefined|Infinity)[^"]*"/);
});

test('nothing is fetched: no address outside the page, and a policy that forbids it', () => {
  const addresses = tagsOf(page).flatMap(({ attributes }) =>
    [attributes.src, attributes.href].flatMap((each) => each ?? []),
  );
  expect(addresses.every((each) => each.startsWith('#'))).toBe(true);
  expect(page).not.toMatch(/url\(|@import/);
  expect(policy()).toContain("default-src 'none'");
});

test('the policy allows exactly the script that is there', () => {
  const [, code] = page.match(/<script>([\s\S]*?)<\/script>/) ?? [];
  const hash = createHash('sha256')
    .update(code ?? '')
    .digest('base64');
  expect(policy()).toContain(`script-src 'sha256-${hash}'`);
  expect(named('script')).toHaveLength(1);
});

test('hostile text is text', async () => {
  const hostile = '"><img src=x onerror=alert(1)>\u202e\u0000\ud800<!--';
  const records: readonly RunRecord[] = [
    record({
      cell: cell('plain', [], ['vmi']),
      kind: 'example',
      name: 'x',
      data: {
        rule: 'worst',
        row: hostile,
        split: hostile,
        original: [hostile],
        recovered: [hostile],
        status: ['wrong'],
      },
    }),
    record({ cell: cell('plain'), kind: 'note', name: hostile, text: hostile }),
    record({
      cell: cell('plain', [hostile], [hostile]),
      kind: 'attack',
      name: 'positional-accuracy',
      at: 'test',
      value: 0.5,
      low: 0.4,
      high: 0.6,
      n: 9,
      text: hostile,
    }),
    record({
      cell: cell('plain'),
      kind: 'oracle',
      name: hostile,
      value: 1,
      bound: 0,
      ok: false,
      text: hostile,
    }),
    record({
      cell: cell('plain'),
      kind: 'privacy',
      name: hostile,
      data: { unit: hostile, epsilon: 1 },
    }),
    record({
      cell: cell('plain'),
      kind: 'timing',
      name: hostile,
      value: 1,
      data: { party: hostile },
    }),
    record({
      cell: cell('plain'),
      kind: 'bytes',
      name: hostile,
      value: 1,
      data: { shape: [hostile] },
    }),
    record({
      cell: cell('plain', [], ['vmi']),
      kind: 'note',
      name: 'profile',
      of: hostile,
      data: { axis: hostile, points: [{ at: hostile, value: 0.5 }] },
    }),
  ];
  const run = inventedRun({
    records: [...inventedRecords, ...records],
    lock: { [hostile]: hostile },
  });
  const made = await rendered(run);
  const found = ['<img', '<!--', '\u0000'].filter((each) => made.includes(each));
  expect(found).toEqual([]);
  expect(made.isWellFormed()).toBe(true);
  expect(unbalanced(made)).toEqual([]);
});

test('headings begin with one h1 and skip no level', () => {
  const levels = tagsOf(page)
    .filter(({ name, closing }) => /^h[1-6]$/.test(name) && !closing)
    .map(({ name }) => Number(name.slice(1)));
  expect(levels.filter((level) => level === 1)).toHaveLength(1);
  expect(levels[0]).toBe(1);
  expect(levels.every((level, index) => level <= (levels[index - 1] ?? 0) + 1)).toBe(true);
});

test('the page has its landmarks, its language and a title', () => {
  for (const landmark of ['header', 'nav', 'main', 'footer'])
    expect(named(landmark)).toHaveLength(1);
  expect(named('html')[0]?.attributes.lang).toBe('en');
  expect(page).toContain('<title>What server reads when tiny-gpt2 and gpt2 are split</title>');
});

test('every table has a caption, and every heading cell says whether it is of a row or a column', () => {
  expect(named('caption')).toHaveLength(named('table').length);
  expect(
    named('th')
      .map(({ attributes }) => attributes.scope)
      .every((scope) => scope === 'col' || scope === 'row'),
  ).toBe(true);
});

test('every drawing has a name or is hidden from readers', () => {
  const pictures = named('svg');
  const charts = named('div').filter(({ attributes }) => attributes.role === 'img');
  expect(charts.length).toBeGreaterThan(0);
  expect(charts.every(({ attributes }) => (attributes['aria-label'] ?? '').length > 40)).toBe(true);
  const lanes = pictures.filter(({ attributes }) => attributes.class === 'lanes');
  const bars = pictures.filter(({ attributes }) => attributes.class?.startsWith('bar'));
  expect(
    lanes.every(({ attributes }) => attributes.role === 'img' && attributes['aria-labelledby']),
  ).toBe(true);
  expect(bars.every(({ attributes }) => attributes['aria-hidden'] === 'true')).toBe(true);
  expect(lanes.length + bars.length + charts.length).toBe(pictures.length);
});

test('every reference leads somewhere and no name is used twice', () => {
  const ids = tagsOf(page).flatMap(({ attributes }) => attributes.id ?? []);
  expect(new Set(ids).size).toBe(ids.length);
  const wanted = tagsOf(page).flatMap(({ attributes }) => [
    ...(attributes['aria-labelledby'] === undefined ? [] : [attributes['aria-labelledby']]),
    ...(attributes.href?.startsWith('#') === true ? [attributes.href.slice(1)] : []),
  ]);
  expect(wanted.filter((id) => !ids.includes(id))).toEqual([]);
});

test('a chart has its data beneath it and takes its colours from the page', () => {
  const [, chart] = page.match(/<figure class="chart">([\s\S]*?)<\/figure>/) ?? [];
  expect(chart).toContain('<summary>The same as a table</summary>');
  expect(chart).toMatch(/var\(--c[1-6]\)/);
  expect(chart).not.toMatch(/="#[0-9a-f]{6}"/);
});

test('everything is in the page without its script', () => {
  const text = textOf(page);
  for (const word of [
    '93.2',
    'Believed',
    'naive-bayes'.replace('-', ' '),
    'steps-change-what-they-should',
    'tiny-gpt2',
  ]) {
    expect(text).toContain(word);
  }
});

test('a page that is not believed says so in its title, at its top and in its verdict', async () => {
  const failed = record({
    cell: cell('dp-8'),
    kind: 'oracle',
    name: 'ceiling',
    value: 0.9,
    bound: 0.798,
    ok: false,
  });
  const made = await rendered(inventedRun({ records: [...inventedRecords, failed] }));
  expect(made).toContain('<title>Not to be believed:');
  expect(textOf(made)).toContain('✕ Not to be believed: ceiling failed in dp-8');
  expect(made.indexOf('class="badge no"')).toBeLessThan(made.indexOf('<main'));
});

test('the invented run fits into a tenth of the limit; a run with too much text into the limit', async () => {
  expect(Buffer.byteLength(page)).toBeLessThan(largestPage / 6);
  const long = Array.from({ length: 4000 }, (_, index) => ` word${index}`);
  const examples = Array.from({ length: 400 }, (_, index) =>
    record({
      cell: { ...cell('plain', [], ['vmi']), sweep: { cut: index } },
      kind: 'example',
      name: 'x',
      data: {
        rule: 'median',
        row: index,
        split: 'test',
        original: long,
        recovered: long,
        status: long.map(() => 'right'),
      },
    }),
  );
  const made = await rendered(inventedRun({ records: [...inventedRecords, ...examples] }));
  expect(Buffer.byteLength(made)).toBeLessThan(largestPage);
  expect(textOf(made)).toMatch(/more texts in report\.json/);
});

test('an empty run folder still gives a page', async () => {
  const made = await rendered(inventedRun({ records: [], lock: undefined }));
  expect(unbalanced(made)).toEqual([]);
  expect(textOf(made)).toContain('the run holds no check of itself');
});
