// Writes `dist/catalog.json` of each plugin package from its built modules: `node scripts/catalog.ts [repository]`.
// Anything a package says wrongly about itself fails the build here, all of it at once.
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  asDefinition,
  type CatalogEntry,
  type Definition,
  describeDefinition,
  describeModel,
  entryProblems,
  type FamilyDefinition,
  isDefinitionKind,
  missingMembers,
  sortEntries,
} from '@vflair/core/contract';
import { countParameters, readJson, textOf } from './model-folder.ts';

/** A package and the folders of its `dist` whose modules may define something. */
const packages = [
  { name: 'plugins-attacks', folders: [''] },
  { name: 'plugins-defenses', folders: [''] },
  { name: 'models', folders: ['families', 'tasks', 'datasets'] },
] as const;

/** Kinds whose every member has a page of its own, and the folder of docs it stands in. */
const pages: { readonly [kind: string]: string } = { attack: 'attacks', defense: 'defenses' };

interface Module {
  /** Relative to `dist`. */
  readonly path: string;
  readonly definition: Definition;
}

/** What was found in a package, and what is wrong with it. */
interface Scan {
  readonly entries: CatalogEntry[];
  readonly problems: string[];
}

const root = process.argv[2] ?? join(import.meta.dirname, '..');
const problems: string[] = [];
for (const { name, folders } of packages) {
  const scan = await scanPackage(join(root, 'packages', name), folders);
  const { sorted, twice } = sortEntries(scan.entries);
  problems.push(
    ...scan.problems.map((problem) => `packages/${name}: ${problem}`),
    ...twice.map(({ kind, id }) => `packages/${name}: ${kind} \`${id}\` is defined twice`),
    ...missingPages(sorted),
  );
  const text = `${JSON.stringify({ entries: sorted }, undefined, 2)}\n`;
  writeFileSync(join(root, 'packages', name, 'dist', 'catalog.json'), text);
}
for (const problem of problems) console.error(`catalog: ${problem}`);
process.exitCode = problems.length > 0 ? 1 : 0;

async function scanPackage(folder: string, folders: readonly string[]): Promise<Scan> {
  const version = textOf(readJson(join(folder, 'package.json')).version, '0.0.0');
  const scan: Scan = { entries: [], problems: [] };
  const found = await Promise.all(folders.map((part) => loadModules(folder, part, scan.problems)));
  const families: FamilyDefinition[] = [];
  for (const { path, definition } of found.flat()) {
    const entry = describeDefinition(definition, { module: `./${path}`, version });
    scan.entries.push(entry);
    scan.problems.push(...entryProblems(entry, basename(path, '.js')));
    if (definition.kind === 'family') families.push(definition);
  }
  for (const id of subfolders(join(folder, 'catalog'))) addModel(scan, folder, id, families);
  return scan;
}

/** Modules of one folder of `dist` that define something. A built file whose source is gone is left over, and skipped. */
async function loadModules(folder: string, part: string, problems: string[]): Promise<Module[]> {
  const dist = join(folder, 'dist', part);
  if (!existsSync(dist)) return [];
  const names = readdirSync(dist)
    .filter((name) => /^(?!index\.).+(?<!\.test)\.js$/.test(name))
    .filter((name) => existsSync(join(folder, 'src', part, name.replace(/\.js$/, '.ts'))));
  const modules: Module[] = [];
  for (const name of names) {
    const loaded: { default?: unknown } = await import(pathToFileURL(join(dist, name)).href);
    const definition = asDefinition(loaded.default);
    if (definition !== undefined) modules.push({ path: join(part, name), definition });
    else problems.push(...holes(name, loaded.default));
  }
  return modules;
}

/** A module without default export is a helper; one that names a kind and is incomplete is a mistake. */
function holes(name: string, value: unknown): string[] {
  if (value === undefined) return [];
  const kind = typeof value === 'object' && value !== null && 'kind' in value ? value.kind : '';
  if (!isDefinitionKind(kind)) return [`${name} exports something that defines nothing by default`];
  return [`${name} is an incomplete ${kind}: no ${missingMembers(value, kind).join(', ')}`];
}

function addModel(scan: Scan, folder: string, id: string, families: FamilyDefinition[]): void {
  const place = join(folder, 'catalog', id);
  if (!existsSync(join(place, 'config.json'))) return;
  const config = readJson(join(place, 'config.json'));
  const type = textOf(config.model_type, '');
  const family = families.find(({ modelTypes }) => modelTypes.includes(type));
  if (family === undefined) {
    scan.problems.push(`catalog/${id}/config.json: no family reads \`model_type\` \`${type}\``);
    return;
  }
  const about = existsSync(join(place, 'about.json')) ? readJson(join(place, 'about.json')) : {};
  const entry = describeModel({
    id,
    title: textOf(about.title, id),
    source: textOf(about.source, ''),
    version: textOf(about.version, textOf(readJson(join(folder, 'package.json')).version, '0.0.0')),
    folder: `../catalog/${id}`,
    config,
    family,
    parameters: countParameters(place),
  });
  scan.entries.push(entry);
  scan.problems.push(...entryProblems(entry, id));
}

function missingPages(entries: readonly CatalogEntry[]): string[] {
  return entries.flatMap(({ kind, id }) => {
    const part = pages[kind];
    if (part === undefined) return [];
    if (!existsSync(join(root, 'docs', part))) {
      console.warn(`catalog: docs/${part}/ is missing, and with it the page of ${kind} \`${id}\``);
      return [];
    }
    const page = `docs/${part}/${id}.md`;
    return existsSync(join(root, page)) ? [] : [`${kind} \`${id}\` has no page ${page}`];
  });
}

function subfolders(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((item) => item.isDirectory())
    .map(({ name }) => name);
}
