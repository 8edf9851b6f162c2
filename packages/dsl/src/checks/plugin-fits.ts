import type { Diagnostic } from '@vflair/core/text';
import type { SourceSpan } from '../ast/ast.js';
import { error } from '../diagnose.js';
import { topologyOf } from '../meaning/facts.js';
import type { Meaning, Topology } from '../meaning/meaning.js';
import type { ModelFacts } from '../meaning/model.js';
import { list } from '../words.js';

const shapes: { readonly [T in Topology]: string } = {
  'head-tail': 'the model party has the output',
  'head-body-tail': 'the output is back at the data party',
};

/** VF314: a plugin for another cut of the model. */
const wrongTopology = (
  at: SourceSpan,
  id: string,
  fits: readonly string[],
  is: Topology,
): Diagnostic =>
  error('VF314', at, `\`${id}\` is for ${list(fits, 'or')}; here ${shapes[is]} (\`${is}\`)`, {
    hint: 'pick another one, or cut the model otherwise',
  });

/** VF315: an attack or a task for another kind of model. */
const wrongArchitecture = (
  at: SourceSpan,
  id: string,
  fits: readonly string[],
  is: string,
): Diagnostic =>
  error(
    'VF315',
    at,
    `\`${id}\` is for models of kind ${list(fits, 'or')}; this one is of kind \`${is}\``,
    {
      hint: 'pick another one, or another model',
    },
  );

/** VF315: a task whose end of the model the family does not have. */
const noHead = (at: SourceSpan, task: string, head: string, model: ModelFacts): Diagnostic => {
  const message = `task \`${task}\` needs the head \`${head}\`, which family \`${model.plan.family}\` does not have`;
  return error('VF315', at, message, {
    hint: `it has ${list(model.heads)}: pick another task or model`,
  });
};

function* checkHead({ task, model }: Meaning): Iterable<Diagnostic> {
  const head = task?.entry?.facts.head;
  const heads = model.value?.heads ?? [];
  if (task === undefined || model.value === undefined || typeof head !== 'string') return;
  if (heads.length > 0 && !heads.includes(head))
    yield noHead(task.name.span, task.name.text, head, model.value);
}

/** Attacks, defenses and the task fit the model and its cut. */
export function* checkFit(meaning: Meaning): Iterable<Diagnostic> {
  yield* checkHead(meaning);
  const { model, task, attacks, defenses } = meaning;
  const topology = topologyOf(meaning);
  const architecture = model.value?.architecture;
  const chains = [...attacks, ...defenses].flatMap(({ chain }) => chain);
  const uses = chains.map(({ node, entry }) => ({ name: node.name, entry }));
  for (const { name, entry } of task === undefined ? uses : [...uses, task]) {
    if (entry === undefined) continue;
    const { topologies, architectures } = entry;
    if (topology !== undefined && topologies.length > 0 && !topologies.includes(topology)) {
      yield wrongTopology(name.span, name.text, topologies, topology);
    }
    const isKnown = architecture !== undefined && architectures.length > 0;
    if (isKnown && !architectures.includes(architecture)) {
      yield wrongArchitecture(name.span, name.text, architectures, architecture);
    }
  }
}
