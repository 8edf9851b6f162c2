import type { Plan } from '@vflair/core/contract';
import type { Diagnostic } from '@vflair/core/text';
import { compile } from '@vflair/dsl';
import { Exit, exitCodes } from './exit.js';
import { missingFile, textInput } from './text-file.js';

/** The Plan of a file, or an Exit with its findings. Warnings are passed to `warn`. */
export function planOfFile(
  file: string,
  set: ReadonlyMap<string, string>,
  warn: (diagnostic: Diagnostic) => void,
): Plan {
  const input = textInput(file, set);
  if (input === undefined) throw new Exit(exitCodes.findings, '', [missingFile(file)]);
  const { plan, diagnostics } = compile(input);
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  for (const diagnostic of diagnostics) if (diagnostic.severity === 'warning') warn(diagnostic);
  if (errors.length > 0 || plan === undefined) throw new Exit(exitCodes.findings, '', errors);
  return plan;
}
