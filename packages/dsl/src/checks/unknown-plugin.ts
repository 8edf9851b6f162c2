import { findEntry } from '@vflair/core/contract';
import type { Diagnostic } from '@vflair/core/text';
import type { Name } from '../ast/ast.js';
import { error } from '../diagnose.js';
import type { Meaning, UseMeaning } from '../meaning/meaning.js';
import { suggest } from '../words.js';

type Kind = 'attack' | 'defense';

/** VF203: an attack or a defense that is not installed. */
const unknownPlugin = (kind: Kind, name: Name, known: readonly string[]): Diagnostic =>
  error('VF203', name.span, `unknown ${kind} \`${name.text}\``, {
    hint: suggest(name.text, known, `no ${kind} is installed`),
  });

/** VF203: an attack where a defense belongs, or the other way round. */
const otherKind = (kind: Kind, name: Name): Diagnostic => {
  const use = kind === 'attack' ? 'defend SLICE -> SLICE with' : 'attack ADVERSARY with';
  return error('VF203', name.span, `\`${name.text}\` is no ${kind}`, {
    hint: `use it as \`${use} ${name.text}\``,
  });
};

/** Plugins in chains are installed. */
export function* checkPlugins({ scope, attacks, defenses }: Meaning): Iterable<Diagnostic> {
  const uses: readonly (readonly [Kind, UseMeaning])[] = [
    ...defenses.flatMap(({ chain }) => chain.map((use) => ['defense', use] as const)),
    ...attacks.flatMap(({ chain }) => chain.map((use) => ['attack', use] as const)),
  ];
  for (const [kind, { node, entry }] of uses) {
    if (entry !== undefined) continue;
    const other = kind === 'attack' ? 'defense' : 'attack';
    const known = scope.catalog.entries.filter((each) => each.kind === kind).map(({ id }) => id);
    const isOther = findEntry(scope.catalog, other, node.name.text) !== undefined;
    yield isOther ? otherKind(kind, node.name) : unknownPlugin(kind, node.name, known);
  }
}
