import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadCatalog } from '@vflair/core/catalog';
import { compile, type FileAccess } from '@vflair/dsl';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const catalog = loadCatalog([
  '@vflair/models',
  '@vflair/plugins-attacks',
  '@vflair/plugins-defenses',
]);

const llama = { model_type: 'llama', num_hidden_layers: 30 };

// Examples on real input name folders that users have elsewhere: any folder is there, and holds a small BERT or a Llama.
const files: FileAccess = {
  read: () => undefined,
  exists: (name) => (name.endsWith('.tsv') ? 'file' : 'folder'),
  modelConfig: (name) =>
    name.includes('smollm2') ? llama : { model_type: 'bert', num_hidden_layers: 6 },
  fromCurrentFolder: (name) => name,
};

function errorsOf(name: string, text: string): string[] {
  const { diagnostics } = compile({ source: { name, text }, catalog, files });
  return diagnostics
    .filter(({ severity }) => severity === 'error')
    .map(({ code, message }) => `${code} ${message}`);
}

const examples = ['examples', 'examples/real'].flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.vflair'))
    .map((name) => join(folder, name)),
);

test.each(examples)('%s has no errors', (name) => {
  expect(errorsOf(name, readFileSync(join(root, name), 'utf8'))).toEqual([]);
});

test("the README's own file has no errors", () => {
  const blocks = [
    ...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/```vflair\n([\s\S]*?)```/g),
  ];
  expect(blocks.length).toBeGreaterThan(0);
  for (const [, text = ''] of blocks) expect(errorsOf('README.md', text)).toEqual([]);
});
