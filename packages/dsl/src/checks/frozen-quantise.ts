import type { Diagnostic } from '@vflair/core/text';
import { error, related } from '../diagnose.js';
import type { Meaning, SliceMeaning, WorkMeaning } from '../meaning/meaning.js';

/** VF327: rounded weights that training would have to change. */
const notFrozen = (slice: SliceMeaning, work: WorkMeaning): Diagnostic =>
  error(
    'VF327',
    quantizeOf(slice) ?? slice.name.span,
    `\`finetune full\` trains slice \`${slice.name.text}\`, whose weights \`quantize\` rounds`,
    {
      hint: 'write `finetune lora`, which leaves these weights as they are, or leave the slice out of `slices [..]`',
      related: [related(work.node.span, 'trained here')],
    },
  );

const quantizeOf = ({ node }: SliceMeaning) =>
  node.fields?.items.find(({ name }) => name.text === 'quantize')?.name.span;

/** Weights that are rounded are not trained; adapters beside them may be. VF327. */
export function* checkFrozen({ slices, work }: Meaning): Iterable<Diagnostic> {
  if (work?.method !== 'full' || work.fields.params === undefined) return;
  const named = work.fields.params.slices;
  const isTrained = ({ name }: SliceMeaning): boolean =>
    !Array.isArray(named) || named.length === 0 || named.some((one) => one === name.text);
  for (const slice of slices) {
    if (slice.fields.params?.quantize !== undefined && isTrained(slice))
      yield notFrozen(slice, work);
  }
}
