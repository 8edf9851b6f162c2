import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CatalogEntry, PluginKind } from '@vflair/core/contract';
import { embeddedModelFolder, loadCatalog, loadDefinition } from '@vflair/core/runtime';
import { afterAll, expect, test } from 'vitest';

const root = mkdtempSync(join(tmpdir(), 'vflair-catalog-'));
const from = pathToFileURL(join(root, 'a.vflair'));
afterAll(() => rmSync(root, { recursive: true }));

const entry = (kind: PluginKind, id: string, facts: CatalogEntry['facts'] = {}): CatalogEntry => ({
  kind,
  id,
  title: id,
  version: '1.0.0',
  params: {},
  source: '',
  needs: [],
  wants: [],
  guesses: '',
  at: [],
  topologies: [],
  architectures: [],
  facts,
  module: kind === 'model' ? '' : `./${id}.js`,
});

function installPackage(
  name: string,
  catalog: string | undefined,
  modules: Record<string, string> = {},
): void {
  const folder = join(root, 'node_modules', name);
  mkdirSync(join(folder, 'dist'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, type: 'module' }));
  if (catalog !== undefined) writeFileSync(join(folder, 'dist', 'catalog.json'), catalog);
  for (const [id, code] of Object.entries(modules))
    writeFileSync(join(folder, 'dist', `${id}.js`), code);
}

const json = (...entries: CatalogEntry[]): string => JSON.stringify({ entries });
const task = (id: string): string =>
  `export default { kind: 'task', id: '${id}', title: 't', params: {}, head: 'cls', metric: 'm' };`;

installPackage(
  'one',
  json(entry('task', 'sorting'), entry('attack', 'peek'), entry('task', 'renamed')),
  {
    sorting: task('sorting'),
    peek: 'export default { kind: "attack", id: "peek", title: "t" };',
    renamed: task('another'),
  },
);
installPackage(
  'two',
  json(entry('model', 'small', { folder: '../catalog/small' }), entry('task', 'absent')),
);
installPackage('same', json(entry('task', 'sorting')));
installPackage('unbuilt', undefined);
installPackage('broken', '{"entries":[{"kind":"task"}]}');

test('catalogs of several packages are one, by kind and id', () => {
  const { entries } = loadCatalog(['two', 'one'], from);
  expect(entries.map(({ kind, id }) => `${kind} ${id}`)).toEqual([
    'attack peek',
    'model small',
    'task absent',
    'task renamed',
    'task sorting',
  ]);
});

test('no packages bring nothing', () => {
  expect(loadCatalog([], from)).toEqual({ entries: [] });
});

test('what can not be used is a finding with its reason', () => {
  expect(() => loadCatalog(['missing'], from)).toThrow('VF550: package `missing` is not installed');
  expect(() => loadCatalog(['unbuilt'], from)).toThrow('VF550: package `unbuilt` has no catalog');
  expect(() => loadCatalog(['broken'], from)).toThrow('VF551: the catalog of `broken`');
  expect(() => loadCatalog(['one', 'same'], from)).toThrow(
    'VF552: task `sorting` is brought by `one` and `same`',
  );
});

test('a definition is loaded by kind and id', async () => {
  const definition = await loadDefinition(['two', 'one'], 'task', 'sorting', from);
  expect(definition).toMatchObject({ kind: 'task', id: 'sorting', head: 'cls' });
});

test('a definition nobody brings is a finding', async () => {
  await expect(loadDefinition(['one'], 'defense', 'peek', from)).rejects.toThrow('VF553');
});

test('a module that breaks its catalog is a finding that says how', async () => {
  await expect(loadDefinition(['one'], 'attack', 'peek', from)).rejects.toThrow(
    'VF554: `./peek.js` of `one` does not define attack `peek`: no paper (string), version (string)',
  );
  await expect(loadDefinition(['one'], 'task', 'renamed', from)).rejects.toThrow('VF554');
  await expect(loadDefinition(['two'], 'task', 'absent', from)).rejects.toThrow('VF554');
});

test('an embedded model is found beside its package', () => {
  expect(embeddedModelFolder(['one', 'two'], 'small', from)).toMatch(
    /node_modules.two.catalog.small$/,
  );
  expect(() => embeddedModelFolder(['one'], 'small', from)).toThrow('VF553');
});
