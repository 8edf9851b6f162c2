import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatDiagnostic, positionAt, type Source } from '@vflair/core/text';
import { expect, test } from 'vitest';
import { type Compiled, canonicalJson, compile, type FileAccess, languageCodes } from './index.js';
import { testCatalog } from './testing/catalog.js';

const root = fileURLToPath(new URL('../../../tests/golden/', import.meta.url));
const isUpdate = process.env.VFLAIR_UPDATE === '1';
const cases = readdirSync(root).filter((name) => existsSync(join(root, name, 'pipeline.vflair')));

/** The files of a folder; configurations are `<folder>/config.json`. */
function diskFiles(folder: string): FileAccess {
  const read = (path: string): string | undefined => {
    const full = resolve(folder, path);
    return existsSync(full) && statSync(full).isFile() ? readFileSync(full, 'utf8') : undefined;
  };
  return {
    read,
    exists: (path) => {
      const full = resolve(folder, path);
      if (!existsSync(full)) return undefined;
      return statSync(full).isDirectory() ? 'folder' : 'file';
    },
    modelConfig: (ref) => {
      const text = read(`${ref}/config.json`);
      if (text === undefined) return undefined;
      try {
        return JSON.parse(text);
      } catch {
        return 'unreadable';
      }
    },
    fromCurrentFolder: (path) => path,
  };
}

const sortKeys = (value: unknown): unknown => JSON.parse(canonicalJson(value));

/** Stages as text; those with `always` false are compared only where the case has them. */
const stages: {
  readonly [file: string]: (compiled: Compiled, source: Source) => string | undefined;
} = {
  'diagnostics.txt': ({ diagnostics }, source) =>
    diagnostics.map((finding) => `${formatDiagnostic(finding, source)}\n`).join('\n'),
  'plan.json': ({ plan }) =>
    plan === undefined ? undefined : `${JSON.stringify(sortKeys(plan), undefined, 2)}\n`,
  'tokens.txt': ({ tokens }, source) =>
    tokens
      .map(({ startOffset, tokenType, image }) => {
        const { line, column } = positionAt(source, startOffset);
        return `${line}:${column} ${tokenType.name} ${JSON.stringify(image)}\n`;
      })
      .join(''),
  'ast.json': ({ ast }) =>
    `${JSON.stringify(
      ast,
      (key, value) => (key === 'span' || key === 'body' ? `${value?.start}-${value?.end}` : value),
      2,
    )}\n`,
};
const optional = ['tokens.txt', 'ast.json'];

test.each(cases)('golden %s', (name) => {
  const folder = join(root, name);
  const source = {
    name: 'pipeline.vflair',
    text: readFileSync(join(folder, 'pipeline.vflair'), 'utf8'),
  };
  const compiled = compile({ source, catalog: testCatalog, files: diskFiles(folder) });
  for (const [file, print] of Object.entries(stages)) {
    const path = join(folder, file);
    const text = print(compiled, source);
    if (optional.includes(file) && !existsSync(path)) continue;
    if (isUpdate && text !== undefined) writeFileSync(path, text);
    expect(existsSync(path) ? readFileSync(path, 'utf8') : undefined, file).toBe(text);
  }
});

test('every code of the language has a golden case', () => {
  const seen = cases
    .filter((name) => statSync(join(root, name)).isDirectory())
    .map((name) => readFileSync(join(root, name, 'diagnostics.txt'), 'utf8'))
    .join('\n');
  const missing = Object.keys(languageCodes()).filter((code) => !seen.includes(` ${code}: `));
  // `--set` is not in a text; compile.test.ts has it.
  expect(missing).toEqual(['VF214']);
});
