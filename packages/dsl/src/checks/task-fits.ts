import type { Diagnostic } from '@vflair/core/text';
import type { Name, SourceSpan } from '../ast/ast.js';
import { error, related } from '../diagnose.js';
import type { Meaning } from '../meaning/meaning.js';

/** VF324: training for a task that has no loss. */
const notTrainable = (at: SourceSpan, task: Name): Diagnostic =>
  error('VF324', at, `task \`${task.text}\` has nothing to train for`, {
    hint: 'write `infer`, or pick a task that is learned',
    related: [related(task.span, `task \`${task.text}\` here`)],
  });

/** VF325: another number of labels than the data has. */
const otherLabels = (task: Name, said: number, dataset: string, has: number): Diagnostic =>
  error(
    'VF325',
    task.span,
    `task \`${task.text}\` says ${said} labels, and dataset \`${dataset}\` has ${has}`,
    {
      hint: `write \`task ${task.text} { labels ${has} }\``,
    },
  );

/** The task fits what is done and the rows it is done on. */
export function* checkTaskFits({ task, work, data }: Meaning): Iterable<Diagnostic> {
  if (task?.entry === undefined) return;
  const isTrained = work?.kind === 'finetune';
  if (isTrained && task.entry.facts.trains === false) yield notTrainable(work.node.span, task.name);
  const classes = data.value?.entry?.facts.classes;
  const labels = task.fields.params?.labels;
  const count = Array.isArray(classes) ? classes.length : classes;
  if (typeof labels !== 'number' || typeof count !== 'number' || count === 0) return;
  if (labels !== count) yield otherLabels(task.name, labels, data.value?.plan.ref ?? '', count);
}
