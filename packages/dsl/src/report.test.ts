import { expect, test } from 'vitest';
import { compile, diagnosticToJson } from './index.js';
import { testCatalog } from './testing/catalog.js';

test('lines and columns count from 1, and the end is exclusive', () => {
  const source = { name: 'a.vflair', text: 'let a = 1\nlet a = 2\npipeline p {' };
  const [twice] = compile({ source, catalog: testCatalog }).diagnostics;
  expect(twice && diagnosticToJson(twice, source)).toEqual({
    code: 'VF211',
    severity: 'error',
    message: 'let `a` is there already',
    hint: 'give one of them another name',
    file: 'a.vflair',
    range: { start: { line: 2, column: 5 }, end: { line: 2, column: 6 } },
    related: [
      {
        message: 'first `a` here',
        file: 'a.vflair',
        range: { start: { line: 1, column: 1 }, end: { line: 1, column: 10 } },
      },
    ],
  });
});

test('a finding without a place has no range', () => {
  const finding = { code: 'VF214', severity: 'error', message: 'm' } as const;
  expect(diagnosticToJson(finding, { name: 'a', text: '' })).toEqual({ ...finding, related: [] });
});
