import type { Diagnostic } from '@vflair/core/text';
import type { Name } from '../ast/ast.js';
import { duplicateName } from '../link/index.js';
import type { Meaning } from '../meaning/meaning.js';

/** Every slice has a name of its own. VF211. */
export function* checkSliceNames({ parties }: Meaning): Iterable<Diagnostic> {
  const seen = new Map<string, Name>();
  const names = parties.flatMap(({ node }) =>
    node.items.flatMap((item) => (item.kind === 'slice' && item.name ? [item.name] : [])),
  );
  for (const name of names) {
    const first = seen.get(name.text);
    if (first !== undefined) yield duplicateName('slice', name, first.span);
    else seen.set(name.text, name);
  }
}
