import { expect, test } from 'vitest';
import { packageSources, readTree, type SourceFile } from './source-tree.js';
import {
  liveModules,
  namelessTodos,
  personalPaths,
  silencedCompiler,
  undocumentedExports,
  wordlessWaivers,
} from './written-rules.js';

// Sizes, names, `any`, `!`, enums, default exports and skipped tests are the linter's: see biome.json.

const here = 'tests/src/conventions.test.ts';
const everything = ['packages', 'tests', 'scripts', 'docs', 'examples']
  .flatMap((folder) => readTree(folder, ['.ts', '.js', '.md', '.vflair', '.json']))
  .filter(({ path }) => path !== here && !path.startsWith('packages/models/catalog/'));
const sources = packageSources();

/** A planted file of a package. */
const file = (text: string, name = 'x.ts'): SourceFile => ({
  path: `packages/dsl/src/${name}`,
  text,
});

test('the whole tree is read', () => {
  expect(sources.length).toBeGreaterThan(20);
  expect(everything.length).toBeGreaterThan(sources.length);
});

test('every export says what it gives', () => {
  expect(sources.flatMap(undocumentedExports)).toEqual([]);
});

test('an export without docstring is found', () => {
  const text = `
    /** Gives one. */
    export const one = 1;
    export const two = 2;
    /** Gives text of a text. */
    export function three(x: string): string;
    export function three(x: number): number;
    // not a docstring
    export interface Four {}
    export * from './five.js';
  `;
  expect(undocumentedExports(file(text))).toEqual([
    'packages/dsl/src/x.ts:4 `two` has no docstring',
    'packages/dsl/src/x.ts:9 `Four` has no docstring',
  ]);
  expect(undocumentedExports(file(text, 'x.test.ts'))).toEqual([]);
});

test('a docstring heads a block of one-line constants, up to its first blank line', () => {
  const text = `
    /** Words. */
    export const a = 1;
    export const b = 2;

    export const c = 3;
    export const d = 4;
  `.replaceAll('    ', '');
  expect(undocumentedExports(file(text))).toEqual([
    'packages/dsl/src/x.ts:6 `c` has no docstring',
    'packages/dsl/src/x.ts:7 `d` has no docstring',
  ]);
});

test('no module holds state or does something when imported', () => {
  expect(sources.flatMap(liveModules)).toEqual([]);
});

test('a live module is found', () => {
  const text = 'let count = 0;\nexport let other = 1;\nconst fixed = 2;\nsetUp(fixed);';
  expect(liveModules(file(text))).toEqual([
    'packages/dsl/src/x.ts:1 the module holds state',
    'packages/dsl/src/x.ts:2 the module holds state',
    'packages/dsl/src/x.ts:4 the module does something when imported',
  ]);
});

test('what is left to do names an issue', () => {
  expect(
    everything
      .filter(({ path }) => !path.startsWith('tests/src/written-rules'))
      .flatMap(namelessTodos),
  ).toEqual([]);
  expect(namelessTodos(file('// TODO later\n// TODO(#12): soon\n// FIXME\n'))).toHaveLength(2);
});

test('no path of one machine is written anywhere', () => {
  expect(everything.flatMap(personalPaths)).toEqual([]);
  const bad = ['see /home/me/x', "'/root/y'", 'C:\\Users\\me', '/Users/me/z'];
  expect(personalPaths(file(bad.join('\n')))).toHaveLength(bad.length);
  expect(personalPaths(file('./work/x https://a.b/home/x packages/root/y'))).toEqual([]);
});

test('the compiler is not silenced', () => {
  expect(sources.flatMap(silencedCompiler)).toEqual([]);
  expect(silencedCompiler(file('// @ts-ignore\n// @ts-expect-error'))).toHaveLength(2);
  expect(silencedCompiler(file('// @ts-expect-error', 'x.test.ts'))).toEqual([]);
});

test('a waiver says why', () => {
  expect(sources.flatMap(wordlessWaivers)).toEqual([]);
  expect(wordlessWaivers(file('// biome-ignore lint/x: yes'))).toHaveLength(1);
  expect(wordlessWaivers(file('// biome-ignore lint/x: the format names it'))).toEqual([]);
});
