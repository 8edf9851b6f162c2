import type { ModelSpec } from '@vflair/core/contract';
import { finding } from '@vflair/core/text';

/**
 * Throws Findings VF533 for a model whose parts can't be at the parties of a pipeline, which send each other one stream and
 * predict each token from those before it: one with an encoder and a decoder, or a language model that looks both ways.
 */
export function checkOneStream({ family, head, blocks, companions, cache }: ModelSpec): void {
  const all = Array.from({ length: blocks + 1 }, (_, block) => block);
  const hint = 'use a model with one stream, or compute this one with `vflair trace`';
  if (all.some((block) => (companions?.at(block, new Set()).length ?? 0) > 0))
    throw finding(
      'VF533',
      `parts of a ${family} model exchange more than one stream, the parties of a pipeline send one`,
      hint,
    );
  if (head === 'lm' && cache(0).length === 0)
    throw finding(
      'VF533',
      `a ${family} language model looks both ways, the tasks of a pipeline predict what comes next`,
      hint,
    );
}
