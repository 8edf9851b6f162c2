import type { Fields } from './fields.js';

/** The kinds of thing a package can bring. */
export type PluginKind = 'attack' | 'defense' | 'family' | 'task' | 'dataset' | 'model';

/** One installed thing as data: enough to check a text and to print its page, without loading code. */
export interface CatalogEntry {
  readonly kind: PluginKind;
  readonly id: string;
  readonly title: string;
  readonly version: string;
  readonly params: Fields;
  /** Paper, licence or origin. */
  readonly source: string;
  /** Attack: what it can't work without; defense: hook points are in `at`. */
  readonly needs: readonly string[];
  /** Attack: what it uses when granted. */
  readonly wants: readonly string[];
  /** Attack: `tokens`, `labels` or `label-scores`. */
  readonly guesses: string;
  /** Defense: hook points it supports. */
  readonly at: readonly string[];
  /** Attack or defense: `head-tail`, `head-body-tail`; empty for all. */
  readonly topologies: readonly string[];
  /** Attack: `encoder` or `decoder` heads only; empty for all. Family: what it is. */
  readonly architectures: readonly string[];
  /** Family: its `model_type` names. Model: blocks, family. Free data of the kind. */
  readonly facts: { readonly [name: string]: string | number | boolean | readonly string[] };
  /** Module that holds the definition, relative to the catalog file; "" for plain data. */
  readonly module: string;
}

/** All that is installed, sorted by kind and id. */
export interface Catalog {
  readonly entries: readonly CatalogEntry[];
}

/** The entry of that kind and id, if installed. */
export function findEntry(
  catalog: Catalog,
  kind: PluginKind,
  id: string,
): CatalogEntry | undefined {
  return catalog.entries.find((entry) => entry.kind === kind && entry.id === id);
}
