import type { Diagnostic } from '@vflair/core/text';
import type { Name } from '../ast/ast.js';
import { error } from '../diagnose.js';
import type { Meaning } from '../meaning/meaning.js';
import { suggest } from '../words.js';
import { isDoubtful } from './check.js';

/** VF201: a party that is not there. */
const unknownParty = (name: Name, known: readonly string[]): Diagnostic =>
  error('VF201', name.span, `unknown party \`${name.text}\``, {
    hint: suggest(name.text, known, `write \`party ${name.text} { … }\``),
  });

/** An adversary sits at a party of the pipeline. */
export function* checkParties(meaning: Meaning): Iterable<Diagnostic> {
  const declared = meaning.parties.map(({ node }) => node.name);
  const known = declared.flatMap((name) => (name === undefined ? [] : [name.text]));
  for (const { node } of meaning.adversaries) {
    if (node.at === undefined || known.includes(node.at.text)) continue;
    if (!isDoubtful(meaning, node.at, declared)) yield unknownParty(node.at, known);
  }
}
