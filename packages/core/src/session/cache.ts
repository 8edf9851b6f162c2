import type { CacheEntry, ModelSpec, Tensors } from '../contract/index.js';
import { appended, asFloat, asInt, type IntTensor, intTensor, zeros } from '../tensor/index.js';
import { present } from '../text/index.js';
import type { Part } from './bindings.js';

/** Everything the blocks of a part remember: graph input `past.<name>.<block>`, and output `<name>.<block>` of what is new. */
export function cacheEntries(
  spec: Pick<ModelSpec, 'cache'>,
  { first, end }: Pick<Part, 'first' | 'end'>,
): { readonly block: number; readonly entry: CacheEntry; past: string; fresh: string }[] {
  const blocks = Array.from({ length: end - first }, (_, i) => first + i);
  return blocks.flatMap((block) =>
    spec.cache(block).map((entry) => {
      const fresh = `${entry.name}.${block}`;
      return { block, entry, past: `past.${fresh}`, fresh };
    }),
  );
}

/** What a part is told of the past before the first position, by graph input: its mask too. */
export function emptyCache(spec: ModelSpec, part: Part, batch: number): Tensors {
  const none = cacheEntries(spec, part).map(({ entry, past }) => {
    const shape = entry.kind === 'rows' ? [batch, 0, ...entry.shape] : [batch, ...entry.shape];
    return [past, zeros(shape)] as const;
  });
  return { 'past.mask': intTensor([batch, 0], []), ...Object.fromEntries(none) };
}

/** The same after a step with `outputs`, on positions of which `mask` says whether they are real. */
export function grownCache(
  { spec, part }: { readonly spec: ModelSpec; readonly part: Part },
  before: Tensors,
  { outputs, mask }: { readonly outputs: Tensors; readonly mask: IntTensor },
): Tensors {
  const seen = appended(asInt(present(before['past.mask'], 'past.mask')), mask);
  const grown = cacheEntries(spec, part).map(({ entry, past, fresh }) => {
    const added = asFloat(present(outputs[fresh], fresh));
    if (entry.kind === 'state') return [past, added] as const;
    return [past, appended(asFloat(present(before[past], past)), added)] as const;
  });
  return { 'past.mask': seen, ...Object.fromEntries(grown) };
}
