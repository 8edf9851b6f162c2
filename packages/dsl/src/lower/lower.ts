import type * as plan from '@vflair/core/contract';
import { present } from '@vflair/core/text';
import type { Place } from '../ast/ast.js';
import { pointOf } from '../meaning/facts.js';
import type {
  AdversaryMeaning,
  AttackMeaning,
  DefenseMeaning,
  Meaning,
  PartyMeaning,
  UseMeaning,
  WorkMeaning,
} from '../meaning/meaning.js';
import { isWidth } from '../meaning/slice-fields.js';
import { assertFits } from '../meaning/validate.js';
import { planSchema } from './plan-schema.js';
import { streamsOf } from './streams.js';

const placeOf = (place: Place): plan.Place => (place.kind === 'block' ? place.index : place.kind);

const sorted = (items: readonly { readonly text: string }[]): readonly string[] =>
  [...new Set(items.map(({ text }) => text))].sort();

const useOf = ({ entry, fields }: UseMeaning): plan.PluginUse => {
  const { id, version } = present(entry, 'plugin');
  return { id, version, params: present(fields.params, 'parameters') };
};

const partyOf = ({ name, device, holds }: PartyMeaning): plan.PartyPlan => {
  const held = (['data', 'labels'] as const).filter((item) =>
    holds.some(({ text }) => text === item),
  );
  return { name: name.text, device, holds: held };
};

const slicesOf = ({ slices }: Meaning): readonly plan.SlicePlan[] =>
  slices.map(({ name, from, to, owner, fields }, i) => ({
    name: name.text,
    from: placeOf(from),
    to: placeOf(to),
    owner: owner.name.text,
    role: i === 0 ? 'head' : i === slices.length - 1 ? 'tail' : 'body',
    ...widthOf(fields.params?.quantize),
  }));

// Absent where nothing is rounded, so that such a plan is what it was.
const widthOf = (quantize: unknown): Pick<plan.SlicePlan, 'quantize'> =>
  isWidth(quantize) ? { quantize } : {};

function workOf(work: WorkMeaning | undefined, slices: readonly plan.SlicePlan[]): plan.WorkPlan {
  const { kind, method, fields } = present(work, 'work');
  const params = present(fields.params, 'parameters');
  if (kind === 'infer') return { kind, params };
  const all = slices.map(({ name }) => name);
  return { kind, method: present(method, 'method'), params: { slices: all, ...params } };
}

const defenseOf = ({ from, to, chain }: DefenseMeaning): plan.DefensePlan => {
  const a = present(from, 'slice');
  const b = present(to, 'slice');
  return { from: a.name.text, to: b.name.text, point: pointOf(a, b), chain: chain.map(useOf) };
};

const adversaryOf = ({
  name,
  party,
  knows,
  sees,
  auxiliary,
}: AdversaryMeaning): plan.AdversaryPlan => ({
  name: name.text,
  at: present(party, 'party').name.text,
  knows: sorted(knows),
  sees: sorted(sees),
  auxiliary: auxiliary.value?.plan ?? null,
});

const attackOf = ({ adversary, chain, split, target }: AttackMeaning): plan.AttackPlan => {
  const samples = present(target.params, 'target').samples;
  return {
    adversary: present(adversary, 'adversary').name.text,
    chain: chain.map(useOf),
    split: present(split, 'split'),
    samples: typeof samples === 'number' ? samples : null,
  };
};

// Without `measure`: what the task achieves, and what attacks recover where there are any.
function measureOf({ measures, attacks }: Meaning): plan.PipelinePlan['measure'] {
  const standard = attacks.length > 0 ? ['task', 'recovery'] : ['task'];
  if (measures.length === 0) return standard.map((name) => ({ name, params: {} }));
  return measures.map(({ name, fields }) => ({
    name: name.text,
    params: present(fields.params, 'parameters'),
  }));
}

/** The meaning of a pipeline without errors as plain data, every default filled. */
export function lowerPipeline(meaning: Meaning): plan.PipelinePlan {
  const slices = slicesOf(meaning);
  const task = present(meaning.task, 'task');
  const drawn = {
    task: { id: task.name.text, params: present(task.fields.params, 'parameters') },
    work: workOf(meaning.work, slices),
    defenses: meaning.defenses.map(defenseOf),
    attacks: meaning.attacks.map(attackOf),
  };
  return {
    name: meaning.pipeline.name,
    about: meaning.pipeline.node.about,
    seed: present(meaning.seed.value, 'seed'),
    model: present(meaning.model.value, 'model').plan,
    data: present(meaning.data.value, 'data').plan,
    parties: meaning.parties.map(partyOf),
    slices,
    adversaries: meaning.adversaries.map(adversaryOf),
    measure: measureOf(meaning),
    ...drawn,
    streams: streamsOf(drawn),
  };
}

/** Throws VF902 if a value is not a Plan: a defect of ours, or a file that is no plan. */
export function assertPlan(value: unknown): asserts value is plan.Plan {
  assertFits(planSchema, value, 'the plan');
}

/** Pipelines without errors → the Plan, checked against its schema. */
export function lower(pipelines: readonly Meaning[]): plan.Plan {
  const made: plan.Plan = { schema: 1, pipelines: pipelines.map(lowerPipeline) };
  assertPlan(made);
  return made;
}
