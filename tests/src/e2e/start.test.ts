import { expect, test } from 'vitest';
import { root } from '../source-tree.js';
import { start } from './command.js';

/** Prints the address of every module that was loaded, when the process ends. */
const tellLoaded = `
  import { registerHooks } from 'node:module';
  const loaded = [];
  registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
  process.on('exit', () => console.log(JSON.stringify(loaded)));
`;

/** Name of the library, of our package, or of the folder of core that a module is in. */
const placeOf =
  /(?:\/node_modules\/((?:@[^/]+\/)?[^/]+)|\/packages\/(core\/)dist\/([^/]+)|\/packages\/([^/]+))/;

/** Where all that a silent command loads from files comes from, once for each module. */
async function loadedBy(...words: readonly string[]): Promise<readonly string[]> {
  const hook = `data:text/javascript,${encodeURIComponent(tellLoaded)}`;
  const { code, stdout } = await start(root, words, { NODE_OPTIONS: `--import=${hook}` }).ended;
  expect(code).toBe(0);
  const urls: readonly string[] = JSON.parse(stdout);
  return urls
    .filter((url) => url.startsWith('file:'))
    .map((url) => url.match(placeOf)?.slice(1).join('') ?? url)
    .sort();
}

// A check has to answer while a person waits: no plugin, no model, no runtime, no schema compiler, no chart.
test('a check loads the language and no more', async () => {
  const loaded = await loadedBy('check', 'examples/quickstart.vflair');
  expect([...new Set(loaded)]).toEqual([
    'chevrotain',
    'cli',
    'commander',
    'core/contract',
    'core/runtime',
    'core/text',
    'dsl',
  ]);
  // The parser library is one file, and the catalog all there is of the runtime.
  for (const single of ['chevrotain', 'core/runtime'])
    expect(loaded.filter((name) => name === single)).toEqual([single]);
});
