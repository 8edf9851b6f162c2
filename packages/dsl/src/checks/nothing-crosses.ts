import type { Diagnostic } from '@vflair/core/text';
import { error } from '../diagnose.js';
import { headOf } from '../meaning/facts.js';
import type { Meaning, SliceMeaning } from '../meaning/meaning.js';

/** VF309: a model that one party has to itself. */
const nothingCrosses = ({ name, owner }: SliceMeaning): Diagnostic =>
  error('VF309', name.span, `the whole model is at \`${owner.name.text}\`: nothing crosses`, {
    hint: 'give another party a slice, for instance `party server { slice body = block 1 .. block 2 }`',
  });

/** The model is cut between at least two parties. */
export function* checkCut(meaning: Meaning): Iterable<Diagnostic> {
  const head = headOf(meaning);
  const owners = new Set(meaning.slices.map(({ owner }) => owner));
  if (head !== undefined && owners.size === 1) yield nothingCrosses(head);
}
