import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  type Catalog,
  type CatalogEntry,
  type DefinitionKind,
  type DefinitionOf,
  isCatalogEntry,
  isDefinition,
  missingMembers,
  type PluginKind,
  sortEntries,
} from '../contract/index.js';
import { finding } from '../text/index.js';

/** A package with its catalog: the entries, and the file their paths are relative to. */
interface Installed {
  readonly name: string;
  readonly file: string;
  readonly entries: readonly CatalogEntry[];
}

/**
 * What the named packages bring, sorted by kind and id. Reads `dist/catalog.json` of each, found from `from` (a file
 * or URL; this module when absent); runs none of their code. Throws Findings: VF550 package or catalog not there,
 * VF551 catalog unreadable, VF552 two packages bring the same thing.
 */
export function loadCatalog(packages: readonly string[], from?: string | URL): Catalog {
  const installed = packages.map((name) => readInstalled(name, from));
  const { sorted, twice } = sortEntries(installed.flatMap(({ entries }) => entries));
  for (const { kind, id } of twice) {
    const owners = installed
      .filter((one) => entryOf(one, kind, id) !== undefined)
      .map(({ name }) => `\`${name}\``);
    throw finding(
      'VF552',
      `${kind} \`${id}\` is brought by ${owners.join(' and ')}`,
      'use only one of these packages',
    );
  }
  return { entries: sorted };
}

/**
 * The definition of that kind and id, its module loaded now. Throws Findings: VF550 and VF551 as {@link loadCatalog},
 * VF553 nobody brings it, VF554 its module doesn't hold what its catalog says.
 */
export async function loadDefinition<K extends DefinitionKind>(
  packages: readonly string[],
  kind: K,
  id: string,
  from?: string | URL,
): Promise<DefinitionOf[K]> {
  const { owner, entry } = locate(packages, kind, id, from);
  const definition = await importDefault(join(dirname(owner.file), entry.module));
  if (isDefinition(definition, kind) && definition.id === id) return definition;
  const missing = missingMembers(definition, kind);
  throw finding(
    'VF554',
    `\`${entry.module}\` of \`${owner.name}\` does not define ${kind} \`${id}\`${missing.length > 0 ? `: no ${missing.join(', ')}` : ''}`,
    `install \`${owner.name}\` again; its catalog and its code differ`,
  );
}

/** The folder (config.json, weights, tokenizer) of a model that ships with one of the packages. Throws as {@link loadDefinition}. */
export function embeddedModelFolder(
  packages: readonly string[],
  id: string,
  from?: string | URL,
): string {
  const { owner, entry } = locate(packages, 'model', id, from);
  return resolve(dirname(owner.file), String(entry.facts.folder));
}

/** What a module exports by default; undefined where there is no such module. What it throws while loading is its own. */
async function importDefault(file: string): Promise<unknown> {
  if (!existsSync(file)) return undefined;
  const module: { readonly default?: unknown } = await import(pathToFileURL(file).href);
  return module.default;
}

function locate(
  packages: readonly string[],
  kind: PluginKind,
  id: string,
  from: string | URL | undefined,
): { readonly owner: Installed; readonly entry: CatalogEntry } {
  for (const name of packages) {
    const owner = readInstalled(name, from);
    const entry = entryOf(owner, kind, id);
    if (entry !== undefined) return { owner, entry };
  }
  const list = packages.map((name) => `\`${name}\``).join(', ');
  throw finding(
    'VF553',
    `no ${kind} \`${id}\` in ${list}`,
    `\`vflair list\` shows what is installed`,
  );
}

const entryOf = ({ entries }: Installed, kind: PluginKind, id: string): CatalogEntry | undefined =>
  entries.find((entry) => entry.kind === kind && entry.id === id);

function readInstalled(name: string, from: string | URL = import.meta.url): Installed {
  const file = catalogFile(name, from);
  const entries = parseEntries(readText(name, file));
  if (entries === undefined) {
    throw finding('VF551', `the catalog of \`${name}\` can't be read`, `install \`${name}\` again`);
  }
  return { name, file, entries };
}

function catalogFile(name: string, from: string | URL): string {
  try {
    return join(
      dirname(createRequire(from).resolve(`${name}/package.json`)),
      'dist',
      'catalog.json',
    );
  } catch {
    throw finding('VF550', `package \`${name}\` is not installed`, `\`npm install ${name}\``);
  }
}

function readText(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw finding(
      'VF550',
      `package \`${name}\` has no catalog`,
      `in a clone of vflair: \`npm run build\``,
    );
  }
}

function parseEntries(text: string): readonly CatalogEntry[] | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    const entries: unknown =
      typeof parsed === 'object' && parsed !== null && 'entries' in parsed
        ? parsed.entries
        : undefined;
    return Array.isArray(entries) && entries.every(isCatalogEntry) ? entries : undefined;
  } catch {
    return undefined;
  }
}
