import type { Diagnostic } from '@vflair/core/text';
import type { Name } from '../ast/ast.js';
import { error } from '../diagnose.js';
import type { Meaning } from '../meaning/meaning.js';
import { suggest } from '../words.js';
import { isDoubtful } from './check.js';

/** VF202: a slice that is not there. */
const unknownSlice = (name: Name, known: readonly string[]): Diagnostic =>
  error('VF202', name.span, `unknown slice \`${name.text}\``, {
    hint: suggest(name.text, known, 'write `slice NAME = PLACE .. PLACE` in a party'),
  });

// Texts in `slices ["head"]`; bare words are checked with the field.
function trained({ work }: Meaning): readonly Name[] {
  if (work?.node.kind !== 'finetune') return [];
  const value = work.node.fields?.items.find(({ name }) => name.text === 'slices')?.value;
  const items = value?.kind === 'list' ? value.items : [];
  return items.flatMap((item) => (item.kind === 'string' ? [item] : []));
}

/** Defenses and training name slices of the pipeline. */
export function* checkSlices(meaning: Meaning): Iterable<Diagnostic> {
  const declared = meaning.parties.flatMap(({ node }) =>
    node.items.flatMap((item) => (item.kind === 'slice' ? [item.name] : [])),
  );
  const written = declared.flatMap((name) => (name === undefined ? [] : [name.text]));
  const ends = meaning.defenses.flatMap(({ node }) => [node.from, node.to]);
  for (const name of [...ends, ...trained(meaning)]) {
    if (name === undefined || written.includes(name.text)) continue;
    if (!isDoubtful(meaning, name, declared)) yield unknownSlice(name, written);
  }
}
