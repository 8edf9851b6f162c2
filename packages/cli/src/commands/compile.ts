import path from 'node:path';
import { canonicalJson } from '@vflair/core/text';
import { planDigest } from '@vflair/dsl';
import { planOfFile } from '../compile-text.js';
import { exitCodes } from '../exit.js';
import { type GlobalFlags, openTerminal } from '../terminal/terminal.js';
import { parseSet, replaceText } from '../text-file.js';

/** Options of `vflair compile`. */
export interface CompileOptions extends GlobalFlags {
  readonly set?: readonly string[];
  readonly output?: string;
  readonly lock?: boolean;
}

/** Text → Plan, to a file or to stdout; with `--lock` what it reads is written down beside the text. */
export async function compileCommand(file: string, options: CompileOptions): Promise<number> {
  const terminal = openTerminal(options);
  const plan = planOfFile(file, parseSet(options.set ?? []), terminal.finding);
  const text = canonicalJson(plan);
  if (options.output === undefined) terminal.print(text);
  else await replaceText(options.output, text);
  if (options.lock === true) {
    const { prepareInputs } = await import('../inputs.js');
    const { lockFileOf, writeTextLock } = await import('../text-lock.js');
    writeTextLock(file, await prepareInputs(plan, path.dirname(path.resolve(file))));
    terminal.say(`locked in ${lockFileOf(file)}`);
  }
  terminal.say(`plan ${planDigest(plan)}`);
  return exitCodes.done;
}
