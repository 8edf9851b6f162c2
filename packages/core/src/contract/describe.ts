import type { CatalogEntry } from './catalog.js';
import type { Definition } from './definition.js';
import type { FamilyDefinition, ModelConfig } from './family.js';
import type { TaskDefinition } from './task.js';

/** Where a definition was found: its module relative to the catalog file, and the version of the package around it. */
export interface Found {
  readonly module: string;
  readonly version: string;
}

type Particulars = Partial<Omit<CatalogEntry, 'kind' | 'id' | 'title' | 'module'>>;

function particularsOf(definition: Definition): Particulars {
  switch (definition.kind) {
    case 'attack': {
      const { version, params, paper, needs, wants, guesses, topologies, architectures } =
        definition;
      return { version, params, source: paper, needs, wants, guesses, topologies, architectures };
    }
    case 'defense': {
      const { version, params, paper, at, topologies } = definition;
      return { version, params, source: paper, at, topologies };
    }
    case 'family': {
      const { paper, architecture, modelTypes, heads } = definition;
      return { source: paper, architectures: [architecture], facts: { modelTypes, heads } };
    }
    case 'dataset':
      return { source: definition.licence, facts: { classes: definition.classes } };
    case 'task':
      return { params: definition.params, facts: taskFacts(definition) };
  }
}

const taskFacts = ({ head, labelled, metric }: TaskDefinition): CatalogEntry['facts'] => ({
  head,
  labelled,
  metric,
});

const blank = {
  params: {},
  source: '',
  needs: [],
  wants: [],
  guesses: '',
  at: [],
  topologies: [],
  architectures: [],
  facts: {},
} as const;

/** A definition as data: what the catalog of its package says of it. Plain JSON; no function survives. */
export function describeDefinition(definition: Definition, found: Found): CatalogEntry {
  const { kind, id, title } = definition;
  return { kind, id, title, ...blank, ...found, ...particularsOf(definition) };
}

/** A model that ships with a package: its config.json, the family that reads it, and what its folder says of itself. */
export interface EmbeddedModel {
  readonly id: string;
  readonly title: string;
  /** Licence and origin. */
  readonly source: string;
  readonly version: string;
  /** Its folder, relative to the catalog file. */
  readonly folder: string;
  readonly config: ModelConfig;
  readonly family: FamilyDefinition;
  /** Number of weights stored. */
  readonly parameters: number;
}

/** An embedded model as data. `facts`: family, folder, blocks, architecture, vocabulary (0 when the config is silent), parameters. */
export function describeModel(model: EmbeddedModel): CatalogEntry {
  const { id, title, source, version, folder, config, family, parameters } = model;
  const vocabulary = config.vocab_size;
  const facts = {
    family: family.id,
    folder,
    blocks: family.blocks(config),
    architecture: family.architecture,
    vocabulary: typeof vocabulary === 'number' ? vocabulary : 0,
    parameters,
  };
  const architectures = [family.architecture];
  return { kind: 'model', id, title, ...blank, version, source, module: '', architectures, facts };
}

const kebabCase = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/**
 * What is wrong with an entry found in a file (or folder) of that name, one sentence each; empty when it is fit to
 * ship: the id is the file's name in kebab-case, and every parameter has a kebab-case name and a description.
 */
export function entryProblems(entry: CatalogEntry, name: string): readonly string[] {
  const problems: string[] = [];
  if (!kebabCase.test(entry.id)) problems.push(`id \`${entry.id}\` is not kebab-case`);
  if (entry.id !== name) problems.push(`id \`${entry.id}\` differs from the file name \`${name}\``);
  if (entry.title.trim() === '') problems.push(`\`${entry.id}\` has no title`);
  for (const [parameter, field] of Object.entries(entry.params)) {
    const label = `parameter \`${parameter}\` of \`${entry.id}\``;
    if (!kebabCase.test(parameter)) problems.push(`${label} is not kebab-case`);
    if ((field.description ?? '').trim() === '') problems.push(`${label} has no description`);
  }
  return problems;
}

/** The entries in catalog order (kind, then id, by code unit), and those that stand there twice. */
export function sortEntries(entries: readonly CatalogEntry[]): {
  readonly sorted: readonly CatalogEntry[];
  readonly twice: readonly CatalogEntry[];
} {
  const key = (entry: CatalogEntry): string => `${entry.kind} ${entry.id}`;
  const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  const sorted = [...entries].sort((a, b) => compare(key(a), key(b)));
  const twice = sorted.filter(
    (entry, i) => i > 0 && sorted[i - 1]?.id === entry.id && sorted[i - 1]?.kind === entry.kind,
  );
  return { sorted, twice };
}
