import type { Diagnostic } from '@vflair/core/text';
import type { Name } from '../ast/ast.js';
import { error } from '../diagnose.js';
import type { Meaning } from '../meaning/meaning.js';
import { suggest } from '../words.js';

/** VF206: a task that is not installed. */
const unknownTask = (name: Name, known: readonly string[]): Diagnostic =>
  error('VF206', name.span, `unknown task \`${name.text}\``, {
    hint: suggest(name.text, known, 'no task is installed'),
  });

/** The task is installed. */
export function* checkTask({ scope, task }: Meaning): Iterable<Diagnostic> {
  if (task === undefined || task.entry !== undefined) return;
  const tasks = scope.catalog.entries.filter(({ kind }) => kind === 'task');
  yield unknownTask(
    task.name,
    tasks.map(({ id }) => id),
  );
}
