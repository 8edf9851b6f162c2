import {
  type Catalog,
  type Fields,
  findEntry,
  type PipelinePlan,
  type Place,
  type Plan,
  type PlanParams,
  type PluginUse,
} from '@vflair/core/contract';
import type { Diagnostic } from '@vflair/core/text';
import { checkFields } from '../meaning/check-fields.js';
import { finetuneFields, noFields } from '../meaning/statement-fields.js';
import { misfit } from '../meaning/validate.js';
import { entryOf, list, suggest } from '../words.js';
import { planSchema } from './plan-schema.js';

/** VF507: a value that is no Plan. */
const notAPlan = (message: string): Diagnostic => ({
  code: 'VF507',
  severity: 'error',
  message: `this is not a plan: ${message}`,
  hint: 'make one with `vflair compile FILE -o plan.json`',
});

/** VF508: a Plan that means nothing here: a name without its owner, a plugin that isn't installed, a wrong parameter. */
const noSense = (pipeline: string, message: string, hint: string): Diagnostic => ({
  code: 'VF508',
  severity: 'error',
  message: `in pipeline \`${pipeline}\` of the plan ${message}`,
  hint,
});

/** A Plan as it will be run, or what is wrong with it. */
export interface CheckedPlan {
  readonly plan?: Plan;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * A value of a `plan.json` as a Plan: fits the schema, every name has its owner, every plugin is installed and its
 * parameters are whole (defaults are filled in). VF507, VF508.
 */
export function checkPlan(value: unknown, catalog: Catalog): CheckedPlan {
  const wrong = misfit(planSchema, value);
  if (wrong !== undefined) return { diagnostics: [notAPlan(wrong)] };
  const plan = structuredClone(value) as Plan;
  if (plan.pipelines.length === 0) return { diagnostics: [notAPlan('it has no pipeline')] };
  const diagnostics = [
    ...repeated(plan),
    ...plan.pipelines.flatMap((pipeline) => [
      ...checkNames(pipeline),
      ...checkPlugins(pipeline, catalog),
    ]),
  ];
  return diagnostics.length > 0 ? { diagnostics } : { plan, diagnostics };
}

function* repeated({ pipelines }: Plan): Iterable<Diagnostic> {
  const names = pipelines.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) yield notAPlan(`two pipelines are called \`${twice}\``);
}

function* checkNames(pipeline: PipelinePlan): Iterable<Diagnostic> {
  const { name, parties, slices, defenses, adversaries, attacks } = pipeline;
  const known = {
    party: parties.map((party) => party.name),
    slice: slices.map((slice) => slice.name),
    adversary: adversaries.map((adversary) => adversary.name),
  };
  const used = [
    ...slices.map(({ owner }) => ['party', owner] as const),
    ...adversaries.map(({ at }) => ['party', at] as const),
    ...defenses.flatMap(({ from, to }) => [['slice', from] as const, ['slice', to] as const]),
    ...attacks.map(({ adversary }) => ['adversary', adversary] as const),
  ];
  for (const [kind, word] of used)
    if (!known[kind].includes(word))
      yield noSense(
        name,
        `there is no ${kind} \`${word}\``,
        suggest(word, known[kind], `add the ${kind}`),
      );
  yield* checkSlices(pipeline);
}

/** Slices are the whole model in order, and the first belongs to the party that holds the data. */
function* checkSlices({ name, slices, model, parties }: PipelinePlan): Iterable<Diagnostic> {
  const start = (place: Place): number =>
    place === 'embed' ? 0 : place === 'output' ? model.blocks : place;
  const end = (place: Place): number =>
    place === 'embed' ? 0 : place === 'output' ? model.blocks : place + 1;
  const isWhole =
    slices.length > 0 &&
    slices.every(({ from, to }, i) => {
      const before = slices[i - 1];
      const begins = before ? from !== 'embed' && start(from) === end(before.to) : from === 'embed';
      const ends = (to === 'output') === (i === slices.length - 1);
      return begins && ends && start(from) <= end(to) && end(to) <= model.blocks;
    });
  if (!isWhole)
    yield noSense(
      name,
      'the slices are not the whole model, in order and each part once',
      `they go from \`embed\` to \`output\` over ${model.blocks} blocks`,
    );
  const holder = parties.find(({ holds }) => holds.includes('data'))?.name;
  if (slices[0] && holder !== slices[0].owner)
    yield noSense(
      name,
      `the data are not at \`${slices[0].owner}\`, which owns the first slice`,
      'text and ids never cross: give `data` to that party',
    );
}

interface Use {
  readonly owner: string;
  readonly fields: Fields;
  readonly params: PlanParams;
}

function* checkPlugins(pipeline: PipelinePlan, catalog: Catalog): Iterable<Diagnostic> {
  const { name, task, work, defenses, attacks } = pipeline;
  const chains = [
    ...defenses.flatMap(({ chain }) => chain.map((use) => ['defense', use] as const)),
    ...attacks.flatMap(({ chain }) => chain.map((use) => ['attack', use] as const)),
  ];
  if (attacks.some(({ chain }) => chain.length === 0))
    yield noSense(name, 'an attack has an empty chain', 'name what it does, or leave it out');
  const plugins: (readonly ['task' | 'defense' | 'attack', Pick<PluginUse, 'id' | 'params'>])[] = [
    ['task', task],
    ...chains,
  ];
  for (const [kind, { id, params }] of plugins) {
    const entry = findEntry(catalog, kind, id);
    const known = catalog.entries.filter((other) => other.kind === kind).map((other) => other.id);
    if (entry === undefined)
      yield noSense(name, `there is no ${kind} \`${id}\``, suggest(id, known, 'install it'));
    else yield* checkUse(name, { owner: `${kind} \`${id}\``, fields: entry.params, params });
  }
  const fields =
    work.kind === 'infer' ? noFields : (entryOf(finetuneFields, work.method) ?? noFields);
  const owner = work.kind === 'infer' ? '`infer`' : `\`finetune ${work.method}\``;
  yield* checkUse(name, { owner, fields, params: work.params });
}

/** Fills defaults into the parameters; says what is missing or wrong. */
function* checkUse(pipeline: string, { owner, fields, params }: Use): Iterable<Diagnostic> {
  const hint =
    Object.keys(fields).length === 0
      ? `${owner} takes no parameters`
      : `it takes ${list(Object.keys(fields))}`;
  for (const { keyword, field } of checkFields(fields, params as Record<string, unknown>)) {
    const words: { readonly [keyword: string]: string } = {
      required: `${owner} needs the parameter \`${field}\``,
      additionalProperties: `${owner} has no parameter \`${field}\``,
    };
    const otherwise = `\`${field}\` of ${owner} can't be ${JSON.stringify(params[field])}`;
    yield noSense(pipeline, words[keyword] ?? otherwise, hint);
  }
}
