import { Exit, exitCodes } from '../exit.js';
import { type GlobalFlags, openTerminal } from '../terminal/terminal.js';

/** What a finding means, with a wrong and a right example. */
export async function explain(code: string, options: GlobalFlags): Promise<number> {
  const terminal = openTerminal(options);
  throw new Exit(
    exitCodes.usage,
    `there is no code \`${code}\`${terminal.isJson ? '' : '; docs/errors.md lists them'}`,
  );
}
