import { nearDuplicatesBetween } from '@vflair/core/text';
import { expect, test } from 'vitest';
import mobyDick from './moby-dick.js';
import sotu from './sotu.js';
import spamAssassin from './spam-assassin.js';
import spamAssassinPublic from './spam-assassin-public.js';

const sets = [spamAssassin, spamAssassinPublic, sotu, mobyDick].map((set) => ({
  ...set,
  splits: set.load(),
}));
const [hidden, open] = sets;

test.each(sets)(
  '$id: rows have text, ids of their own and clusters that stay in one split',
  ({ splits, classes }) => {
    const rows = [...splits.train, ...splits.test];
    expect(splits.classes).toEqual(classes);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
    expect(rows.every(({ text }) => text.trim() !== '')).toBe(true);
    expect(rows.every(({ label = -1 }) => classes.length === 0 || label in classes)).toBe(true);
    const train = new Set(splits.train.map(({ cluster }) => cluster));
    expect(splits.test.filter(({ cluster }) => train.has(cluster))).toEqual([]);
  },
);

test('the private mails have at least 500 test rows, with both classes', () => {
  const test = hidden?.splits.test ?? [];
  expect(test.length).toBeGreaterThanOrEqual(500);
  expect(new Set(test.map(({ label }) => label))).toEqual(new Set([0, 1]));
});

test('no test mail has a near-duplicate among the training mails or the public ones', () => {
  const texts = (rows: readonly { readonly text: string }[] = []): string[] =>
    rows.map(({ text }) => text);
  const test = texts(hidden?.splits.test);
  const train = texts(hidden?.splits.train);
  const known = texts(open?.splits.train);
  expect(nearDuplicatesBetween(test, [...train, ...known])).toEqual([]);
  if (process.env.VFLAIR_FULL === '1') expect(nearDuplicatesBetween(train, known)).toEqual([]);
}, 60_000);

test('no mail begins with headers or ends with a list footer', () => {
  const rows = [...(hidden?.splits.train ?? []), ...(open?.splits.train ?? [])];
  const withHeaders = rows.filter(({ text }) =>
    /^(?:received|return-path|delivered-to|x-spam-status): /im.test(text.slice(0, 200)),
  );
  // A few mails quote another one from their first line on.
  expect(withHeaders.length).toBeLessThan(rows.length / 100);
  expect(
    rows.filter(({ text }) => /\nhttps?:\/\/\S*\/listinfo\/\S*$/.test(text)).map(({ id }) => id),
  ).toEqual([]);
});

test('every eighth speech and chapter is held out', () => {
  for (const { id, splits } of sets.slice(2)) {
    const count = (rows: readonly { readonly cluster?: string }[]): number =>
      new Set(rows.map(({ cluster }) => cluster)).size;
    const [train, test] = [count(splits.train), count(splits.test)];
    expect([id, test]).toEqual([id, Math.floor((train + test) / 8)]);
  }
});
