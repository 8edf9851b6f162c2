import type { AttackDefinition } from './attack.js';
import type { CatalogEntry } from './catalog.js';
import type { DatasetDefinition } from './dataset.js';
import type { DefenseDefinition } from './defense.js';
import type { FamilyDefinition } from './family.js';
import type { TaskDefinition } from './task.js';

/** What a module of each kind exports by default. Models are data and have no module. */
export interface DefinitionOf {
  readonly attack: AttackDefinition;
  readonly defense: DefenseDefinition;
  readonly family: FamilyDefinition;
  readonly dataset: DatasetDefinition;
  readonly task: TaskDefinition;
}

/** A kind of thing that is defined by code. */
export type DefinitionKind = keyof DefinitionOf;

/** Any definition a package can bring. */
export type Definition = DefinitionOf[DefinitionKind];

type MemberType = 'string' | 'list' | 'table' | 'function';

const declared = { id: 'string', title: 'string' } as const;
const plugin = { ...declared, paper: 'string', version: 'string', params: 'table' } as const;

/** Members that must be there before a definition is believed to be of its kind. */
const members: { readonly [K in DefinitionKind]: { readonly [name: string]: MemberType } } = {
  attack: { ...plugin, needs: 'list', wants: 'list', guesses: 'string', run: 'function' },
  defense: { ...plugin, at: 'list', apply: 'function', claim: 'function' },
  family: { ...declared, modelTypes: 'list', heads: 'list', blocks: 'function', read: 'function' },
  dataset: { ...declared, licence: 'string', classes: 'list', load: 'function' },
  task: { ...declared, params: 'table', head: 'string', metric: 'string' },
};

const isTable = (value: unknown): value is { readonly [name: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const has: { readonly [T in MemberType]: (value: unknown) => boolean } = {
  string: (value) => typeof value === 'string' && value !== '',
  list: Array.isArray,
  table: isTable,
  function: (value) => typeof value === 'function',
};

/** True when `value` is a kind that is defined by code. */
export function isDefinitionKind(value: unknown): value is DefinitionKind {
  return typeof value === 'string' && Object.hasOwn(members, value);
}

/** Members a definition of that kind lacks or has of another type, e.g. `run (function)`; empty when it is complete. */
export function missingMembers(value: unknown, kind: DefinitionKind): readonly string[] {
  const table = isTable(value) ? value : {};
  return Object.entries(members[kind])
    .filter(([name, type]) => !has[type](table[name]))
    .map(([name, type]) => `${name} (${type})`);
}

/** True when `value` says it is of that kind and has all its members. */
export function isDefinition<K extends DefinitionKind>(
  value: unknown,
  kind: K,
): value is DefinitionOf[K] {
  return isTable(value) && value.kind === kind && missingMembers(value, kind).length === 0;
}

/** The value as a definition of the kind it names, or undefined if it is none (a helper module, an unknown kind, a hole). */
export function asDefinition(value: unknown): Definition | undefined {
  const kind = isTable(value) ? value.kind : undefined;
  return isDefinitionKind(kind) && isDefinition(value, kind) ? value : undefined;
}

/** True when `value` has what readers of a catalog rely on; text and lists only, so that a foreign file can't surprise. */
export function isCatalogEntry(value: unknown): value is CatalogEntry {
  if (!isTable(value)) return false;
  const texts = ['kind', 'id', 'title', 'version', 'source', 'guesses', 'module'];
  const lists = ['needs', 'wants', 'at', 'topologies', 'architectures'];
  return (
    texts.every((name) => typeof value[name] === 'string') &&
    lists.every((name) => Array.isArray(value[name])) &&
    isTable(value.params) &&
    isTable(value.facts)
  );
}
