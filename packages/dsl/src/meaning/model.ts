import type { Catalog, CatalogEntry, ModelPlan } from '@vflair/core/contract';
import { findEntry } from '@vflair/core/contract';
import type { Diagnostic } from '@vflair/core/text';
import type { SourceSpan, SubjectNode } from '../ast/ast.js';
import { error } from '../diagnose.js';
import { fileNotFound, isPath, type ModelConfig, type Scope } from '../link/index.js';
import { suggest } from '../words.js';
import { readFields } from './fields.js';
import { absent, failed, had, type Outcome } from './outcome.js';
import { noFields } from './statement-fields.js';
import { readText } from './text.js';

/** A model and what is known of it without its weights. */
export interface ModelFacts {
  readonly plan: ModelPlan;
  /** `encoder` or `decoder`; undefined where the catalog doesn't say. */
  readonly architecture: string | undefined;
  /** Heads its family has; empty where the catalog doesn't say. */
  readonly heads: readonly string[];
}

/** VF204: a model that is not in the catalog. */
const unknownModel = (at: SourceSpan, name: string, known: readonly string[]): Diagnostic =>
  error('VF204', at, `unknown model \`${name}\``, {
    hint: suggest(name, known, 'write `"./folder"`, `"./file.gguf"` or `"hf:org/name"`'),
  });

/** VF219: a model whose configuration can't be used. */
const badConfig = (at: SourceSpan, ref: string, why: string, hint: string): Diagnostic =>
  error('VF219', at, `model \`${ref}\` ${why}`, { hint });

const idsOf = (catalog: Catalog, kind: CatalogEntry['kind']): readonly string[] =>
  catalog.entries.filter((entry) => entry.kind === kind).map(({ id }) => id);

const listOf = (fact: CatalogEntry['facts'][string] | undefined): readonly string[] =>
  Array.isArray(fact) ? fact : typeof fact === 'string' ? [fact] : [];

const familyOf = (catalog: Catalog, modelType: string): CatalogEntry | undefined =>
  catalog.entries.find(
    ({ kind, id, facts }) =>
      kind === 'family' && [id, ...listOf(facts.modelTypes)].includes(modelType),
  );

/** Keys that say how many blocks there are, where the family does not name its own. */
const depthKeys = ['num_hidden_layers', 'n_layer', 'num_layers', 'text_config.num_hidden_layers'];

// `text_config.num_hidden_layers` looks into a nested object.
function lookUp(config: ModelConfig, path: string): unknown {
  return path.split('.').reduce<unknown>((at, key) => {
    return typeof at === 'object' && at !== null
      ? Object.entries(at).find(([name]) => name === key)?.[1]
      : undefined;
  }, config);
}

function fromCatalog(at: SourceSpan, ref: string, { catalog, lets }: Scope): Outcome<ModelFacts> {
  const entry = findEntry(catalog, 'model', ref);
  if (entry === undefined)
    return failed(unknownModel(at, ref, [...idsOf(catalog, 'model'), ...lets]));
  const { family, blocks, architecture } = entry.facts;
  const plan = { kind: 'catalog', ref, family: String(family), blocks: Number(blocks) } as const;
  const entryOfFamily = familyOf(catalog, plan.family);
  const known = listOf(architecture)[0] ?? entryOfFamily?.architectures[0];
  return had({ plan, architecture: known, heads: listOf(entryOfFamily?.facts.heads) });
}

function fromConfig(
  at: SourceSpan,
  { kind, ref }: Pick<ModelPlan, 'kind' | 'ref'>,
  { catalog, files }: Scope,
): Outcome<ModelFacts> {
  const config = files.modelConfig(ref);
  if (config === 'unreadable') {
    return failed(
      badConfig(
        at,
        ref,
        'has a configuration that is not JSON',
        'save config.json again as it came with the model',
      ),
    );
  }
  if (config === undefined) {
    const isHub = kind === 'hub';
    const why = isHub ? 'is not on this machine' : 'has no config.json';
    const hint = isHub
      ? 'download it and name its folder: `model "./folder"`'
      : 'name the folder that has the config.json of the model';
    return failed(badConfig(at, ref, why, hint));
  }
  const modelType = config.model_type;
  const families = catalog.entries.filter((entry) => entry.kind === 'family');
  const family = typeof modelType === 'string' ? familyOf(catalog, modelType) : undefined;
  if (typeof modelType !== 'string' || family === undefined) {
    const known = families.flatMap(({ id, facts }) => [id, ...listOf(facts.modelTypes)]);
    const hint = suggest(String(modelType), known, 'no model family is installed');
    return failed(badConfig(at, ref, `is of the unknown family \`${String(modelType)}\``, hint));
  }
  const keys = [...listOf(family.facts.depthKey), ...depthKeys];
  const blocks = keys.map((key) => lookUp(config, key)).find((value) => value !== undefined);
  if (typeof blocks !== 'number' || !Number.isInteger(blocks) || blocks < 1) {
    return failed(
      badConfig(
        at,
        ref,
        'does not say how many blocks it has',
        `its config.json needs \`${keys[0]}\``,
      ),
    );
  }
  return had({
    plan: { kind, ref, family: modelType, blocks },
    architecture: family.architectures[0],
    heads: listOf(family.facts.heads),
  });
}

function fromText(at: SourceSpan, ref: string, scope: Scope): Outcome<ModelFacts> {
  if (ref.startsWith('hf:')) return fromConfig(at, { kind: 'hub', ref }, scope);
  if (!isPath(ref)) return fromCatalog(at, ref, scope);
  const found = scope.files.exists(ref);
  if (found === undefined) return failed(fileNotFound(at, ref, 'model folder or file'));
  return fromConfig(at, { kind: found, ref }, scope);
}

/** What `model …` names. VF204, VF210, VF212, VF219, VF401, VF403. */
export function readModel(node: SubjectNode | undefined, scope: Scope): Outcome<ModelFacts> {
  if (node?.value === undefined) return absent;
  const owner = '`model`';
  const { findings } = readFields(scope, node.fields, { table: noFields, owner, at: node.span });
  const text = readText(node.value, scope, { owner, words: idsOf(scope.catalog, 'model') });
  const model = text.value === undefined ? absent : fromText(node.value.span, text.value, scope);
  return { value: model.value, findings: [...text.findings, ...model.findings, ...findings] };
}
