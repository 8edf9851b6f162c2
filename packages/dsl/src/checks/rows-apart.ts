import type { Diagnostic } from '@vflair/core/text';
import type { SourceSpan } from '../ast/ast.js';
import { error, related, warning } from '../diagnose.js';
import type { Meaning } from '../meaning/meaning.js';

/** VF318: an adversary's public rows are the victim's. */
const sameRows = (at: SourceSpan, ref: string, data: SourceSpan): Diagnostic =>
  error(
    'VF318',
    at,
    `\`${ref}\` is the data that is attacked: the adversary would know it already`,
    {
      hint: 'name other rows of the same kind',
      related: [related(data, 'attacked here')],
    },
  );

/** VF319: one file to train and to test on. */
const sameFile = (at: SourceSpan, ref: string): Diagnostic =>
  warning('VF319', at, `\`${ref}\` is both trained and tested on: figures on test say little`, {
    hint: 'name another `test-file`, or leave it out',
  });

const bare = (ref: string): string => ref.replace(/^(?:\.\/)+/, '');

/** Rows to train on, to test on and to attack with are different rows. */
export function* checkRows({ data, dataNode, adversaries }: Meaning): Iterable<Diagnostic> {
  const rows = data.value;
  if (rows === undefined || dataNode === undefined) return;
  const { ref, testFile } = rows.plan;
  const victims = [ref, testFile ?? ref].map(bare);
  const { testFileAt } = rows;
  const isSame = testFile !== null && bare(testFile) === bare(ref);
  if (isSame && testFileAt !== undefined) yield sameFile(testFileAt, testFile);
  for (const { auxiliary, auxiliaryNode } of adversaries) {
    const at = auxiliaryNode?.value?.span;
    const other = auxiliary.value?.plan.ref;
    if (at === undefined || other === undefined || !victims.includes(bare(other))) continue;
    yield sameRows(at, other, dataNode.value?.span ?? dataNode.span);
  }
}
