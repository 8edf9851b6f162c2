import type { Diagnostic } from '@vflair/core/text';
import type { Meaning } from '../meaning/meaning.js';

/** All that was found while values and fields were read. VF204 to VF219, VF326, VF401 to VF406. */
export function* checkFields(meaning: Meaning): Iterable<Diagnostic> {
  const { seed, model, data, slices, task, work, defenses, adversaries, attacks, measures } =
    meaning;
  for (const outcome of [seed, model, data]) yield* outcome.findings;
  for (const { auxiliary } of adversaries) yield* auxiliary.findings;
  const chains = [...defenses, ...attacks].flatMap(({ chain }) => chain);
  const targets = attacks.map(({ target }) => ({ fields: target }));
  const uses = [...slices, ...chains, ...targets, ...measures];
  for (const { fields } of task === undefined ? uses : [task, ...uses]) yield* fields.findings;
  yield* work?.fields.findings ?? [];
}
