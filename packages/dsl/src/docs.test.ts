import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { codePageToMarkdown, compile, format, languageCodes } from './index.js';
import { testCatalog } from './testing/catalog.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const path = join(root, 'docs/errors.md');
const isUpdate = process.env.VFLAIR_UPDATE === '1';
const isOurs = (code: string): boolean => /^VF[1-4]/.test(code);

/** The page of each code, by its heading; what stands before the first one is under "". */
function sectionsOf(text: string): ReadonlyMap<string, string> {
  const parts = text.split(/^(?=## VF)/m);
  return new Map(parts.map((part) => [part.match(/^## (VF\d+)/)?.[1] ?? '', part.trim()]));
}

const pages = new Map(
  Object.entries(languageCodes()).map(([code, page]) => [code, codePageToMarkdown(code, page)]),
);

test('docs/errors.md explains every code of the language, and no other', () => {
  const sections = sectionsOf(readFileSync(path, 'utf8'));
  if (isUpdate) {
    const others = [...sections].filter(([code]) => !isOurs(code));
    const all = [...others, ...pages].sort(([a], [b]) => (a < b ? -1 : 1));
    writeFileSync(path, `${all.map(([, section]) => section).join('\n\n')}\n`);
  }
  const written = [...sectionsOf(readFileSync(path, 'utf8'))].filter(([code]) => isOurs(code));
  expect(new Map(written)).toEqual(pages);
});

test('every code that is used is explained, and every explained code is used', () => {
  const folder = join(root, 'packages/dsl/src');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !/\.test\.ts$|^codes|^testing/.test(file),
  );
  const uses = files.flatMap((file) =>
    [...readFileSync(join(folder, file), 'utf8').matchAll(/'(VF[1-4]\d\d)'/g)].map(
      ([, code]) => code,
    ),
  );
  expect([...new Set(uses)].sort()).toEqual([...pages.keys()]);
});

test('the example of docs/language.md has no findings, and the form that `fmt` gives', () => {
  const page = readFileSync(join(root, 'docs/language.md'), 'utf8');
  const text = page.match(/^```vflair\n([\s\S]*?)^```/m)?.[1] ?? '';
  const { ast, diagnostics, plan } = compile({ source: { name: 'a', text }, catalog: testCatalog });
  expect(diagnostics).toEqual([]);
  expect(plan?.pipelines.map(({ name }) => name)).toEqual(['plain', 'noisy']);
  expect(format(ast)).toBe(text);
});
