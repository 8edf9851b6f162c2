import { expect, test } from 'vitest';
import { findingsIn } from '../testing/example.js';
import { languageCodes, mergeCodes } from './index.js';

// Only the page on `--set` sets something.
const setFor = (code: string) => new Map(code === 'VF214' ? [['rows', '100']] : []);

test.each(Object.entries(languageCodes()))(
  '%s: its wrong example has it, and nothing else',
  (code, page) => {
    const codes = findingsIn(page.wrong, setFor(code)).map((finding) => finding.code);
    expect([...new Set(codes)]).toEqual([code]);
  },
);

test.each(Object.entries(languageCodes()))('%s: its right example is right', (code, page) => {
  expect(findingsIn(page.right, setFor(code))).toEqual([]);
});

test('a code can be explained only once', () => {
  const page = { title: '', explanation: '', wrong: '', right: '' };
  expect(() => mergeCodes({ VF500: page }, { VF500: page })).toThrow('VF500');
});
