import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Catalog } from '@vflair/core/contract';
import { afterAll, expect, test } from 'vitest';
import { root } from './source-tree.js';

const roots: string[] = [];
afterAll(() => {
  for (const folder of roots) rmSync(folder, { recursive: true });
});

const attack = (id: string, more = ''): string =>
  `export default { kind: 'attack', id: '${id}', title: 'T', paper: 'P', version: '1.0.0', needs: ['gradients'],
    wants: [], guesses: 'labels', topologies: [], architectures: [], params: {}, run() {}, ${more} };`;

const family = `export default { kind: 'family', id: 'tiny', title: 'T', paper: 'P', modelTypes: ['tiny'],
  architecture: 'encoder', heads: ['cls'], blocks: (config) => config.layers, read() {} };`;

/** The bytes of a safetensors file with these shapes. */
function safetensors(shapes: Record<string, readonly number[]>): Buffer {
  const tensors = Object.entries(shapes).map(([name, shape]) => [name, { dtype: 'F32', shape }]);
  const header = Buffer.from(JSON.stringify({ __metadata__: {}, ...Object.fromEntries(tensors) }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header]);
}

/** A repository with these files beside the three packages; then what the build step says of it. */
function build(files: Record<string, string | Buffer>) {
  const folder = mkdtempSync(join(tmpdir(), 'vflair-build-'));
  roots.push(folder);
  const write = (path: string, content: string | Buffer): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  for (const name of ['plugins-attacks', 'plugins-defenses', 'models']) {
    write(`packages/${name}/package.json`, '{"type":"module","version":"3.0.0"}');
    write(`packages/${name}/dist/index.js`, 'export {};');
  }
  for (const [path, content] of Object.entries(files)) {
    write(path, content);
    if (/dist\/.*\.js$/.test(path)) write(path.replace('/dist/', '/src/').replace(/js$/, 'ts'), '');
  }
  const { status, stderr } = spawnSync(
    process.execPath,
    [join(root, 'scripts', 'catalog.ts'), folder],
    { encoding: 'utf8' },
  );
  const catalog = (name: string): Catalog =>
    JSON.parse(readFileSync(join(folder, 'packages', name, 'dist', 'catalog.json'), 'utf8'));
  return { status, lines: stderr.trim().split('\n'), catalog };
}

const page = { 'docs/attacks/a-b.md': '# a-b' };

test('what a package defines is in its catalog, helpers and leftovers are not', () => {
  const built = build({
    ...page,
    'packages/plugins-attacks/dist/a-b.js': attack('a-b'),
    'packages/plugins-attacks/dist/helper.js': 'export const two = 2;',
    'packages/plugins-attacks/dist/a-b.test.js': 'throw new Error("a test was run");',
  });
  expect(built.lines).toEqual(['']);
  expect(built.status).toBe(0);
  const { entries } = built.catalog('plugins-attacks');
  expect(entries.map(({ id, module }) => ({ id, module }))).toEqual([
    { id: 'a-b', module: './a-b.js' },
  ]);
  expect(built.catalog('plugins-defenses')).toEqual({ entries: [] });
});

test('everything a package says wrongly of itself is told at once', () => {
  const { status, lines } = build({
    ...page,
    'packages/plugins-attacks/dist/other.js': attack('a-b'),
    'packages/plugins-attacks/dist/no-page.js': attack('no-page'),
    'packages/plugins-attacks/dist/hole.js': attack('hole', 'run: 1'),
    'packages/plugins-attacks/dist/seven.js': 'export default 7;',
    'packages/plugins-attacks/dist/mute.js': attack('mute', 'params: { n: { type: "number" } }'),
    'docs/attacks/mute.md': '# mute',
    'packages/models/catalog/odd/config.json': '{"model_type":"odd"}',
  });
  expect(status).toBe(1);
  expect(lines.toSorted()).toEqual([
    'catalog: attack `no-page` has no page docs/attacks/no-page.md',
    'catalog: packages/models: catalog/odd/config.json: no family reads `model_type` `odd`',
    'catalog: packages/plugins-attacks: hole.js is an incomplete attack: no run (function)',
    'catalog: packages/plugins-attacks: id `a-b` differs from the file name `other`',
    'catalog: packages/plugins-attacks: parameter `n` of `mute` has no description',
    'catalog: packages/plugins-attacks: seven.js exports something that defines nothing by default',
  ]);
});

test('an embedded model is described by its family, its config and its weights', () => {
  const { status, catalog } = build({
    'packages/models/dist/families/tiny.js': family,
    'packages/models/catalog/tiny-one/config.json':
      '{"model_type":"tiny","layers":3,"vocab_size":11}',
    'packages/models/catalog/tiny-one/about.json': '{"title":"Tiny one","source":"public domain"}',
    'packages/models/catalog/tiny-one/model.safetensors': safetensors({
      a: [2, 3],
      b: [],
      c: [0, 5],
    }),
  });
  expect(status).toBe(0);
  const { entries } = catalog('models');
  expect(entries.map(({ kind, id }) => `${kind} ${id}`)).toEqual(['family tiny', 'model tiny-one']);
  expect(entries[1]).toMatchObject({
    title: 'Tiny one',
    source: 'public domain',
    version: '3.0.0',
    facts: {
      family: 'tiny',
      folder: '../catalog/tiny-one',
      blocks: 3,
      architecture: 'encoder',
      vocabulary: 11,
      parameters: 7,
    },
  });
});
