import type { Value } from '../ast/ast.js';
import { error } from '../diagnose.js';
import type { Scope } from '../link/index.js';
import { absent, failed, had, type Outcome } from './outcome.js';

/** A catalog id, a `let`, a path or a hub name, as text; paths as the Plan holds them. VF403. */
export function readText(
  value: Value,
  scope: Scope,
  { owner, words }: { readonly owner: string; readonly words: readonly string[] },
): Outcome<string> {
  const reading = scope.read(value);
  if (reading.kind === 'hole') return absent;
  if (reading.kind === 'string') return had(scope.path(reading.text, reading.source));
  if (reading.kind === 'word') return had(reading.text);
  const hint = `write for instance \`"${words[0] ?? './file'}"\``;
  return failed(error('VF403', value.span, `${owner} takes a text in quotes or a name`, { hint }));
}
