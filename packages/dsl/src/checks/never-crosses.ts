import type { Diagnostic } from '@vflair/core/text';
import type { Item } from '../ast/ast.js';
import { error, related } from '../diagnose.js';
import { generates, topologyOf } from '../meaning/facts.js';
import type { Meaning } from '../meaning/meaning.js';

/** VF317: gradients where nothing is trained. */
const noGradients = (item: Item, meaning: Meaning): Diagnostic =>
  error('VF317', item.span, 'there are no gradients to see: this pipeline does not train', {
    hint: 'remove `gradients`, or write `finetune lora { … }` instead of `infer`',
    related: meaning.work ? [related(meaning.work.node.span, '`infer` here')] : [],
  });

/** VF317: responses where the output stays with the data party and nothing is generated. */
const noResponses = (item: Item): Diagnostic =>
  error('VF317', item.span, 'there are no responses to see: the output stays at the data party', {
    hint: 'remove `responses`: they are seen in head-tail, and where text is generated',
  });

/** What an adversary sees is sent at some time. */
export function* checkSights(meaning: Meaning): Iterable<Diagnostic> {
  const { adversaries, task, work } = meaning;
  const isHidden =
    topologyOf(meaning) === 'head-body-tail' && task?.entry !== undefined && !generates(task);
  for (const item of adversaries.flatMap(({ sees }) => sees)) {
    if (item.text === 'gradients' && work?.kind === 'infer') yield noGradients(item, meaning);
    if (item.text === 'responses' && isHidden) yield noResponses(item);
  }
}
