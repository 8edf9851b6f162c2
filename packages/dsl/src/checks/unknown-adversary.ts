import type { Diagnostic } from '@vflair/core/text';
import type { Name } from '../ast/ast.js';
import { error } from '../diagnose.js';
import type { Meaning } from '../meaning/meaning.js';
import { suggest } from '../words.js';
import { isDoubtful } from './check.js';

/** VF208: an adversary that is not there. */
const unknownAdversary = (name: Name, known: readonly string[]): Diagnostic =>
  error('VF208', name.span, `unknown adversary \`${name.text}\``, {
    hint: suggest(name.text, known, `write \`adversary ${name.text} at PARTY { … }\``),
  });

/** An attack is made by an adversary of the pipeline. */
export function* checkAdversaries(meaning: Meaning): Iterable<Diagnostic> {
  const declared = meaning.adversaries.map(({ node }) => node.name);
  const known = declared.flatMap((name) => (name === undefined ? [] : [name.text]));
  for (const { node, adversary } of meaning.attacks) {
    if (node.adversary === undefined || adversary !== undefined) continue;
    if (!isDoubtful(meaning, node.adversary, declared))
      yield unknownAdversary(node.adversary, known);
  }
}
