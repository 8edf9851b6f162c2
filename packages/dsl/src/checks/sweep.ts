import type { Diagnostic } from '@vflair/core/text';
import { notAvailable } from '../link/index.js';
import type { Meaning } from '../meaning/meaning.js';

/** Sweeps are part of the language, and not of this version. VF112. */
export function* checkSweeps({ pipeline }: Meaning): Iterable<Diagnostic> {
  for (const statement of pipeline.statements) {
    if (statement.kind !== 'sweep') continue;
    const hint = 'write one pipeline a value, each `extends` the first';
    yield notAvailable(statement.span, 'sweeps are', hint);
  }
}
