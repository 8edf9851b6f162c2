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
  // An imported decoder sees only what comes before, too: it has no cache because its export has none.
  if (head === 'lm' && cache(0).length === 0 && family !== 'onnx')
    throw finding(
      'VF533',
      `a ${family} language model looks both ways, the tasks of a pipeline predict what comes next`,
      hint,
    );
}

/** Throws Findings VF533 for a model that generates at parties and remembers nothing: each keeps what its blocks have seen. */
export function checkCache({ blocks, cache }: ModelSpec): void {
  const all = Array.from({ length: blocks }, (_, block) => block);
  if (all.every((block) => cache(block).length === 0))
    throw finding(
      'VF533',
      'parties generate with what their blocks remember, and this model remembers nothing',
      'take its weights as safetensors, or compute this one with `vflair trace --generate`',
    );
}
