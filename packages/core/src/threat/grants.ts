import type { AdversaryPlan, PipelinePlan, SightKey } from '../contract/index.js';
import { at } from '../text/index.js';

/** Whether the party that owns the last slice is not the one that owns the first: head-tail. */
function isHeadTail({ slices }: PipelinePlan): boolean {
  return at(slices, slices.length - 1).owner !== at(slices, 0).owner;
}

/**
 * What an adversary's `knows`, `sees` and `auxiliary` open, as keys of a View. A party always knows its own slices; in
 * head-tail the model party computes the logits itself.
 */
export function grantedKeys(pipeline: PipelinePlan, adversary: AdversaryPlan): Set<SightKey> {
  const { knows, sees, auxiliary } = adversary;
  const keys = new Set<SightKey>();
  for (const key of ['activations', 'gradients', 'responses'] as const)
    if (sees.includes(key)) keys.add(key);
  if (knows.includes('exact head') || knows.includes('pretrained head'))
    keys.add('head').add('embedding');
  const ownsTail = at(pipeline.slices, pipeline.slices.length - 1).owner === adversary.at;
  if (
    knows.includes('exact tail') ||
    knows.includes('pretrained tail') ||
    (isHeadTail(pipeline) && ownsTail)
  )
    keys.add('tail');
  for (const key of ['embedding', 'tokenizer', 'defense'] as const)
    if (knows.includes(key)) keys.add(key);
  if (auxiliary) keys.add('auxiliary');
  return keys;
}
