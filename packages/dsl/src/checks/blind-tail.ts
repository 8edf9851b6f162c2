import type { Diagnostic } from '@vflair/core/text';
import type { Item } from '../ast/ast.js';
import { warning } from '../diagnose.js';
import { hasLabels, topologyOf } from '../meaning/facts.js';
import type { Meaning } from '../meaning/meaning.js';

/** VF320: the pretrained tail, where the classifier in it is new. */
const blindTail = (item: Item): Diagnostic =>
  warning(
    'VF320',
    item.span,
    '`pretrained tail` knows nothing of the classifier: it is new, and drawn at the data party',
    {
      hint: 'write `exact tail` for an adversary that knows it, or leave it out',
    },
  );

/** In training for labels, what the tail was before says nothing of its head. */
export function* checkTailKnowledge(meaning: Meaning): Iterable<Diagnostic> {
  const { task, work, adversaries } = meaning;
  const isNew = task !== undefined && hasLabels(task) && work?.kind === 'finetune';
  if (!isNew || topologyOf(meaning) === 'head-tail') return;
  for (const item of adversaries.flatMap(({ knows }) => knows)) {
    if (item.text === 'pretrained tail') yield blindTail(item);
  }
}
