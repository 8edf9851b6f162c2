import { posix } from 'node:path';
import {
  descendants,
  isNode,
  isTest,
  placeOf,
  type SourceFile,
  statementsOf,
} from './source-tree.js';

/** Folders of core; one may import those to its left only. */
const layers = [
  'text',
  'tensor',
  'privacy',
  'graph',
  'contract',
  'autodiff',
  'session',
  'party',
  'threat',
  'judge',
  'run',
  'runtime',
  'testing',
];

const plugin = ['text', 'tensor', 'privacy', 'graph', 'contract'];

/** Folders of core each package may import, and packages of ours. The catalog is the part of the runtime that loads no runtime. */
const allowed: {
  readonly [name: string]: { readonly core: readonly string[]; readonly ours: readonly string[] };
} = {
  core: { core: [], ours: [] },
  dsl: { core: ['text', 'contract'], ours: [] },
  models: { core: ['text', 'tensor', 'graph', 'contract', 'session'], ours: [] },
  'plugins-attacks': { core: plugin, ours: [] },
  'plugins-defenses': { core: plugin, ours: [] },
  cli: {
    core: [...layers.filter((layer) => layer !== 'testing'), 'catalog'],
    ours: [
      '@vflair/dsl',
      '@vflair/dsl/check',
      '@vflair/models',
      '@vflair/models/trace',
      '@vflair/plugins-attacks',
      '@vflair/plugins-defenses',
    ],
  },
};

/** Libraries that one folder alone may import. */
const confined = [
  { library: /^inversify$|^reflect-metadata$/, to: 'packages/core/src/runtime/' },
  { library: /^onnxruntime/, to: 'packages/core/src/session/' },
  { library: /^@?chevrotain/, to: 'packages/dsl/src/' },
];

/** What pure packages (language and plugins) never reach for. */
const outside =
  /^node:(fs|net|http|https|http2|dgram|tls|dns|child_process|worker_threads|cluster)(\/|$)/;

/** An import, export-from, `import()`, `import('…')` type or `require()` with a literal specifier. */
interface ImportSite {
  readonly specifier: string;
  readonly start: number;
}

/** One file as the rule sees it. */
interface Importer {
  /** Package folder, e.g. `plugins-attacks`. */
  readonly name: string;
  /** First folder under `src`, "" for files directly in it. */
  readonly folder: string;
  readonly file: SourceFile;
  /** Third-party packages it may import. */
  readonly declared: ReadonlySet<string>;
}

/** Every specifier a file imports, types included. */
export function importsOf(file: SourceFile): readonly ImportSite[] {
  const sites: ImportSite[] = [];
  for (const node of descendants(statementsOf(file))) {
    const requires = isNode(node.callee) && node.callee.name === 'require';
    const source = requires && Array.isArray(node.arguments) ? node.arguments[0] : node.source;
    if (!isNode(source) || typeof source.value !== 'string') continue;
    sites.push({ specifier: source.value, start: node.start });
  }
  return sites;
}

/** What a file imports against the rule, one line each; `declared` are the third-party packages its package names. */
export function importOffences(file: SourceFile, declared: ReadonlySet<string>): readonly string[] {
  const [, name = '', , folder = ''] = file.path.split('/');
  const importer = { name, folder: folder.includes('.') ? '' : folder, file, declared };
  return importsOf(file).flatMap(({ specifier, start }) => {
    const reason = offence(importer, specifier);
    return reason === undefined
      ? []
      : [`${placeOf(file, start)} imports '${specifier}': ${reason}`];
  });
}

function offence(importer: Importer, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return relativeOffence(importer, specifier);
  if (specifier === '@vflair/core' || specifier.startsWith('@vflair/core/')) {
    return coreOffence(importer, specifier.slice('@vflair/core/'.length));
  }
  if (/^(@vflair\/|vflair(-tests)?(\/|$))/.test(specifier)) {
    const ours = allowed[importer.name]?.ours ?? [];
    return ours.includes(specifier) ? undefined : `${importer.name} may not import it`;
  }
  return libraryOffence(importer, specifier);
}

function coreOffence({ name, file }: Importer, folder: string): string | undefined {
  if (name === 'core') return 'core imports itself by relative paths';
  if (folder === 'testing' && isTest(file)) return undefined;
  const folders = allowed[name]?.core ?? [];
  if (folders.includes(folder)) return undefined;
  return `${name} may import core/{${folders.join(', ')}} only`;
}

function relativeOffence({ name, folder, file }: Importer, specifier: string): string | undefined {
  const target = posix.join(posix.dirname(file.path), specifier);
  const source = `packages/${name}/src/`;
  if (!target.startsWith(source)) return `it leaves ${source}`;
  const [to = '', ...rest] = target.slice(source.length).split('/');
  if (name !== 'core' || to === folder) return undefined;
  if (rest.join('/') !== 'index.js') return `core/${to} is imported through its index.js only`;
  if (to === 'testing') return isTest(file) ? undefined : 'core/testing is for tests';
  if (!layers.includes(to) || !layers.includes(folder))
    return `core/${folder} or core/${to} has no layer`;
  return layers.indexOf(to) < layers.indexOf(folder)
    ? undefined
    : `core/${folder} is left of core/${to}`;
}

function libraryOffence({ name, file, declared }: Importer, specifier: string): string | undefined {
  if (specifier.startsWith('node:')) {
    const isPure = name === 'dsl' || name.startsWith('plugins-');
    return isPure && !isTest(file) && outside.test(specifier) ? `${name} does no I/O` : undefined;
  }
  const home = confined.find(({ library }) => library.test(specifier))?.to;
  if (home !== undefined && !file.path.startsWith(home)) return `only ${home} may`;
  const library = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  return declared.has(library) ? undefined : `packages/${name}/package.json does not depend on it`;
}
