import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SourceSpan } from './ast/ast.js';
import { compile } from './index.js';
import { lexed } from './syntax/tokens.js';
import { testCatalog } from './testing/catalog.js';
import { textAround } from './testing/example.js';

const samples = [
  'a',
  'head',
  'body',
  'constructor',
  '"x"',
  '"x',
  '1',
  '-1',
  '1e999',
  '10k',
  '// c',
  '/// d',
  '\n',
  '\n\n',
  'ü',
  "'",
  '@',
  '\\',
  '|',
  '-',
  '\r\n',
  '\t',
  '/*',
  '"\\q"',
];
const signs = lexed.flatMap(({ PATTERN }) => (typeof PATTERN === 'string' ? [PATTERN] : []));
const token = fc.constantFrom(...samples, ...signs, '{', '}', '\n');
const soup = fc.array(token, { maxLength: 60 }).map((tokens) => tokens.join(' '));

const valid = textAround(
  'defend head -> body with clip { norm 10 } |> mid { weight 0.1 }\nadversary curious at server {\n  knows tokenizer, pretrained head\n  sees activations\n}\nattack curious with vmi { steps 3 }\n  on test { samples 3 }\nmeasure task, dcs { beta 0.5 }',
).replace('\n    on', ' on');
const words = valid.split(/(\s+|[{},])/);

function spansIn(value: unknown, found: SourceSpan[] = []): readonly SourceSpan[] {
  if (
    typeof value !== 'object' ||
    value === null ||
    ('text' in value &&
      'name' in value &&
      Object.keys(value).length === 2 &&
      typeof value.name === 'string')
  )
    return found;
  if ('start' in value && 'end' in value && 'source' in value) found.push(value as SourceSpan);
  else for (const inner of Object.values(value)) spansIn(inner, found);
  return found;
}

function check(text: string): number {
  const source = { name: 'a', text };
  const { ast, diagnostics, plan } = compile({ source, catalog: testCatalog });
  for (const { start, end } of spansIn(ast)) {
    expect(Number.isFinite(start) && start <= end && end <= text.length).toBe(true);
  }
  for (const { at } of diagnostics) {
    expect(at === undefined || (at.start >= 0 && at.start <= at.end && at.end <= text.length)).toBe(
      true,
    );
  }
  expect(plan === undefined).toBe(diagnostics.some(({ severity }) => severity === 'error'));
  return diagnostics.length;
}

test('no soup of tokens throws, and every place is in the text', () => {
  fc.assert(
    fc.property(soup, (text) => void check(text)),
    { seed: 60, numRuns: 500 },
  );
});

test('no soup of characters throws', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => void check(text)),
    { seed: 60, numRuns: 300 },
  );
});

test('a valid text with a token more, less or moved does not throw', () => {
  const at = fc.nat(words.length - 1);
  fc.assert(
    fc.property(at, fc.nat(2), token, (index, deleted, inserted) => {
      const text = words
        .toSpliced(index, deleted, ...(deleted === 1 ? [] : [` ${inserted} `]))
        .join('');
      check(text);
    }),
    { seed: 60, numRuns: 500 },
  );
});

test('one word or sign less is at most two findings', () => {
  expect(check(valid)).toBe(0);
  const counts = words.flatMap((word, i) => {
    if (word.trim() === '') return [];
    return [[word, i, check(words.toSpliced(i, 1).join(''))] as const];
  });
  expect(counts.filter(([, , count]) => count > 2)).toEqual([]);
});
