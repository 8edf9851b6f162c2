import { writeFileSync } from 'node:fs';
import { canonicalJson } from '@vflair/core/text';
import { parseSet, planOfFile } from '../compile-text.js';
import { exitCodes } from '../exit.js';
import { planDigest } from '../run-folder.js';
import { type GlobalFlags, openTerminal } from '../terminal/terminal.js';

/** Options of `vflair compile`. */
export interface CompileOptions extends GlobalFlags {
  readonly set?: readonly string[];
  readonly output?: string;
}

/** Text → Plan, to a file or to stdout. */
export function compileCommand(file: string, options: CompileOptions): number {
  const terminal = openTerminal(options);
  const plan = planOfFile(file, parseSet(options.set ?? []), terminal.finding);
  const text = canonicalJson(plan);
  if (options.output === undefined) terminal.print(text);
  else writeFileSync(options.output, text);
  terminal.say(`plan ${planDigest(plan)}`);
  return exitCodes.done;
}
