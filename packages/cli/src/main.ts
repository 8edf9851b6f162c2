import { Findings } from '@vflair/core/text';
import { CommanderError } from 'commander';
import { commandLine } from './command-line.js';
import { Exit, exitCodes } from './exit.js';
import { ownVersion } from './own-version.js';
import { openTerminal } from './terminal/terminal.js';

/** Runs the command line and sets the exit code. */
export async function main(args: readonly string[]): Promise<void> {
  const terminal = openTerminal({ color: !args.includes('--no-color') });
  try {
    const end = (code: number): void => {
      process.exitCode = code;
    };
    await commandLine(ownVersion(), end).parseAsync([...args]);
  } catch (error) {
    process.exitCode = tellFailure(error, terminal);
  }
}

function tellFailure(error: unknown, terminal: ReturnType<typeof openTerminal>): number {
  if (error instanceof CommanderError)
    return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  if (error instanceof Exit) {
    for (const diagnostic of error.diagnostics) terminal.finding(diagnostic);
    if (error.message !== '') terminal.say(`error: ${error.message}`);
    return error.code;
  }
  if (error instanceof Findings) {
    for (const diagnostic of error.diagnostics) terminal.finding(diagnostic);
    return exitCodes.failed;
  }
  terminal.say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return exitCodes.failed;
}

await main(process.argv);
