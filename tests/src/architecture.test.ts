import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { importOffences, importsOf } from './import-rule.js';
import { isTest, packageSources, root } from './source-tree.js';

/** Libraries a manifest lets code import. */
function dependencies(folder: string, key: 'dependencies' | 'devDependencies'): readonly string[] {
  const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
  return Object.keys(manifest[key] ?? {});
}

/** Offences of a planted file. */
const planted = (path: string, text: string): readonly string[] =>
  importOffences(
    { path, text },
    new Set(['chevrotain', 'inversify', 'onnxruntime-node', 'vitest']),
  );

test('every import of every package keeps the rule', () => {
  const sources = packageSources();
  expect(sources.length).toBeGreaterThan(20);
  const offences = sources.flatMap((file) => {
    const folder = file.path.split('/').slice(0, 2).join('/');
    const tools = isTest(file) ? dependencies('.', 'devDependencies') : [];
    return importOffences(file, new Set([...dependencies(folder, 'dependencies'), ...tools]));
  });
  expect(offences).toEqual([]);
});

test('all ways to import are seen, and what only looks like one is not', () => {
  const text = `
    import a, { type B } from './a.js';
    import type { C } from './c.js';
    import './d.js';
    export * from './e.js';
    export { f } from './f.js';
    type G = import('./g.js').G;
    const h = await import('./h.js');
    const i = require('./i.js');
    // import './no.js'
    /** import './no.js' */
    const text = "import './no.js'" + \`import './no.js' \${await import('./j.js')}\`;
    const pattern = /import '.\\/no.js'/;
  `;
  const found = importsOf({ path: 'packages/dsl/src/x.ts', text });
  const names = ['a', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'];
  expect(found.map(({ specifier }) => specifier)).toEqual(names.map((name) => `./${name}.js`));
});

test.each([
  ['packages/dsl/src/x.ts', "import { Graph } from '@vflair/core/graph';"],
  ['packages/dsl/src/x.ts', "import type { Graph } from '@vflair/core/graph';"],
  ['packages/dsl/src/x.ts', "import { a } from '@vflair/models';"],
  ['packages/dsl/src/x.ts', "import { readFileSync } from 'node:fs';"],
  ['packages/dsl/src/x.ts', "import { a } from '../../core/src/text/index.js';"],
  ['packages/models/src/x.ts', "import { a } from '@vflair/core/privacy';"],
  ['packages/models/src/x.ts', "import { a } from '@vflair/core';"],
  ['packages/models/src/x.ts', "import { a } from 'not-declared';"],
  ['packages/plugins-attacks/src/x.ts', "import { a } from '@vflair/core/session';"],
  ['packages/plugins-attacks/src/x.ts', "import { a } from '@vflair/core/testing';"],
  ['packages/plugins-attacks/src/x.ts', "import { a } from '@vflair/plugins-defenses';"],
  ['packages/plugins-defenses/src/x.ts', "import { run } from 'vflair';"],
  ['packages/cli/src/commands/x.ts', "import { a } from '@vflair/dsl/parser';"],
  ['packages/cli/src/commands/x.ts', "import { a } from 'chevrotain';"],
  ['packages/core/src/text/x.ts', "import type { A } from '../tensor/index.js';"],
  ['packages/core/src/graph/x.ts', "import type { A } from '../contract/index.js';"],
  ['packages/core/src/graph/x.ts', "import { a } from '../tensor/random.js';"],
  ['packages/core/src/graph/ops/x.ts', "import { a } from '../../tensor/random.js';"],
  ['packages/core/src/graph/x.ts', "import { a } from '../testing/index.js';"],
  ['packages/core/src/run/x.ts', "import { a } from '@vflair/core/text';"],
  ['packages/core/src/run/x.ts', "import { a } from '@vflair/dsl';"],
  ['packages/core/src/run/x.ts', "import { Container } from 'inversify';"],
  ['packages/core/src/party/x.ts', "const ort = await import('onnxruntime-node');"],
  ['packages/core/src/nowhere/x.ts', "import { a } from '../text/index.js';"],
])('%s may not: %s', (path, text) => {
  const offences = planted(path, text);
  expect(offences).toHaveLength(1);
  expect(offences[0]).toMatch(`${path}:1 imports '`);
});

test.each([
  ['packages/dsl/src/x.ts', "import { a } from '@vflair/core/contract'; import 'chevrotain';"],
  ['packages/dsl/src/x.test.ts', "import { readFileSync } from 'node:fs'; import 'vitest';"],
  ['packages/models/src/families/x.ts', "import { a } from '../blocks/attention.js';"],
  ['packages/plugins-defenses/src/x.ts', "import { a } from '@vflair/core/privacy';"],
  ['packages/plugins-attacks/src/x.test.ts', "import { attackKit } from '@vflair/core/testing';"],
  ['packages/cli/src/main.ts', "import { a } from '@vflair/core/catalog'; import '@vflair/dsl';"],
  [
    'packages/core/src/graph/ops/x.ts',
    "import { a } from '../graph.js'; import '../../text/index.js';",
  ],
  ['packages/core/src/graph/x.test.ts', "import { opKit } from '../testing/index.js';"],
  ['packages/core/src/session/x.ts', "import * as ort from 'onnxruntime-node';"],
  [
    'packages/core/src/runtime/x.ts',
    "import { Container } from 'inversify'; import '../run/index.js';",
  ],
])('%s may: %s', (path, text) => {
  expect(planted(path, text)).toEqual([]);
});
