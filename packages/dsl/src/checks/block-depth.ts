import type { Diagnostic } from '@vflair/core/text';
import type { Place } from '../ast/ast.js';
import { error } from '../diagnose.js';
import { isNoBlock } from '../meaning/facts.js';
import type { Meaning, SliceMeaning } from '../meaning/meaning.js';
import type { ModelFacts } from '../meaning/model.js';

/** VF305: a block the model does not have. */
const noSuchBlock = (
  place: Place & { readonly kind: 'block' },
  model: ModelFacts | undefined,
): Diagnostic => {
  const hint =
    model === undefined
      ? 'blocks are counted from 0'
      : `model \`${model.plan.ref}\` has blocks 0 to ${model.plan.blocks - 1}; after them comes \`output\``;
  return error('VF305', place.span, `there is no \`block ${place.index}\``, { hint });
};

/** VF306: a slice that ends before it begins. */
const backwards = ({ name, node, from, to }: SliceMeaning): Diagnostic => {
  const textOf = ({ span }: Place): string => span.source.text.slice(span.start, span.end);
  return error('VF306', node.span, `slice \`${name.text}\` ends before it begins`, {
    hint: `write \`${textOf(to)} .. ${textOf(from)}\``,
  });
};

/** Slices begin and end inside the model, and in this order. */
export function* checkBlocks(meaning: Meaning): Iterable<Diagnostic> {
  for (const slice of meaning.slices) {
    const beyond = [slice.from, slice.to].flatMap((place) =>
      place.kind === 'block' && isNoBlock(place, meaning)
        ? [noSuchBlock(place, meaning.model.value)]
        : [],
    );
    yield* beyond;
    if (beyond.length === 0 && slice.start > slice.end) yield backwards(slice);
  }
}
