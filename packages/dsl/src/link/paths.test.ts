import { expect, test } from 'vitest';
import { folderOf, isPath, joinPath } from './paths.js';

test('a path stays as written where the file that names it is the compiled one', () => {
  expect(joinPath('', './weights')).toBe('./weights');
  expect(joinPath('', '../weights')).toBe('../weights');
});

test.each([
  ['./shared', './weights', './shared/weights'],
  ['shared', './a/../b', './shared/b'],
  ['../base', '../weights', '../weights'],
  ['../base', './weights', '../base/weights'],
  ['..', '../weights', '../../weights'],
  ['/base', './weights', '/base/weights'],
  ['./shared', '/weights', '/weights'],
  ['./shared', 'C:\\weights', 'C:\\weights'],
])('in folder %s, %s is %s', (folder, path, result) => {
  expect(joinPath(folder, path)).toBe(result);
});

test('a path begins with a dot and a slash, or at the root', () => {
  expect(['./a', '../a', '/a', 'C:/a'].map(isPath)).toEqual([true, true, true, true]);
  expect(['a', 'a/b', '.a', 'hf:a/b', ''].map(isPath)).toEqual([false, false, false, false, false]);
});

test('the folder of a bare file name is empty', () => {
  expect([folderOf('a'), folderOf('./a'), folderOf('b/c/a')]).toEqual(['', '.', 'b/c']);
});
