import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../source-tree.js';

const page = readFileSync(join(root, 'docs/add-an-attack.md'), 'utf8');
const blocks = [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = '']) => code);

/** A file of the example, without what is there only because it stands in a folder of tests. */
function example(name: string): string {
  const text = readFileSync(join(import.meta.dirname, name), 'utf8');
  return text.replace(/^\/\/ biome-ignore .*\n/gm, '');
}

test('the attack on the page is the one that is compiled and run here', () => {
  expect(blocks[0]).toBe(example('nearest-embedding.ts'));
});

test('its test on the page is the one that passes here', () => {
  expect(blocks[1]).toBe(example('nearest-embedding.test.ts'));
});
