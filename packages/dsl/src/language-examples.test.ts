import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { compile } from './index.js';
import { testCatalog } from './testing/catalog.js';
import { filesOf } from './testing/files.js';

const shared =
  process.env.VFLAIR_SHARED ?? fileURLToPath(new URL('../../../../shared', import.meta.url));
const page = join(shared, 'design/language.md');
const isThere = existsSync(page);

const files = filesOf({
  './questions.tsv': '',
  './more.tsv': '',
  '../models/smollm2-135m-instruct/config.json': '{"model_type":"llama","num_hidden_layers":30}',
});

const examples = (): readonly string[] =>
  [...readFileSync(page, 'utf8').matchAll(/^```vflair\n(.*?)^```/gms)].flatMap(
    ([, text]) => text ?? [],
  );

test.skipIf(!isThere)('the examples of the language’s design compile', () => {
  const found = examples();
  expect(found).toHaveLength(2);
  for (const text of found) {
    const source = { name: 'example.vflair', text };
    const { diagnostics } = compile({ source, catalog: testCatalog, files });
    const isSweep = /^\s*sweep/m.test(text);
    expect(diagnostics.map(({ code }) => code)).toEqual(isSweep ? ['VF112'] : []);
    const without = { name: 'example.vflair', text: text.replace(/^\s*sweep.*$/m, '') };
    expect(compile({ source: without, catalog: testCatalog, files }).plan).toBeDefined();
  }
});
