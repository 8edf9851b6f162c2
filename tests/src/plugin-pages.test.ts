import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Fields } from '@vflair/core/contract';
import { expect, test } from 'vitest';
import { readTree, root } from './source-tree.js';

interface Plugin {
  readonly id: string;
  readonly params: Fields;
}

const folders = { 'plugins-attacks': 'attacks', 'plugins-defenses': 'defenses' } as const;
const files = Object.entries(folders).flatMap(([from, docs]) =>
  readTree(`packages/${from}/src`, ['.ts'])
    .filter(({ path }) => /src\/[^/]+\.ts$/.test(path) && !/index\.ts$|\.test\.ts$/.test(path))
    .map(({ path }) => ({ id: basename(path, '.ts'), path, docs })),
);

/** Rows of the page's parameter table, by name. */
function documented(page: string): Map<string, { fallback: string; description: string }> {
  const rows = [...page.matchAll(/^\| `([a-z-]+)` \| (.+?) \| (.+) \|$/gm)];
  return new Map(
    rows.map(([, name = '', fallback = '', description = '']) => [name, { fallback, description }]),
  );
}

test('there are plugins', () => {
  expect(files.length).toBeGreaterThan(4);
});

test.each(files)('the page of $id says what its parameters are', async ({ id, path, docs }) => {
  const { default: plugin }: { default: Plugin } = await import(join(root, path));
  const page = documented(readFileSync(join(root, 'docs', docs, `${id}.md`), 'utf8'));
  expect([...page.keys()]).toEqual(Object.keys(plugin.params));
  for (const [name, field] of Object.entries(plugin.params)) {
    const row = page.get(name);
    expect(row?.description).toBe(field.description);
    const isNumber = typeof field.default === 'number';
    const fallback = row?.fallback ?? '';
    expect(isNumber ? Number(fallback) : fallback).toBe(field.default ?? 'required');
  }
});
