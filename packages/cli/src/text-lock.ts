import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Diagnostic } from '@vflair/core/text';
import { planDigest } from '@vflair/dsl';
import { Exit, exitCodes } from './exit.js';
import { changedInput, type Inputs, type Prepared } from './inputs.js';

/** What `x.vflair.lock.json` holds: the plan that was locked, and what its names stood for. */
interface TextLock {
  readonly schema: 1;
  readonly plan: string;
  readonly resolved: Inputs;
}

/** Where the lock of a text stands. */
export const lockFileOf = (file: string): string => `${file}.lock.json`;

/** Writes the lock of a text. */
export function writeTextLock(
  file: string,
  { plan, inputs }: Pick<Prepared, 'plan' | 'inputs'>,
): void {
  const lock: TextLock = { schema: 1, plan: planDigest(plan), resolved: inputs };
  writeFileSync(lockFileOf(file), `${JSON.stringify(lock, null, 2)}\n`);
}

/**
 * Compares with the lock beside a text, if there is one; an Exit (VF572) names what differs. Which rows are drawn is
 * compared only for the plan that was locked: `--set` may draw others from the same files.
 */
export function checkTextLock(file: string, { plan, inputs }: Prepared): void {
  if (!existsSync(lockFileOf(file))) return;
  const lock = readLock(lockFileOf(file));
  const isSame = lock.plan === planDigest(plan);
  const changed = changedInput(
    isSame ? lock.resolved : withoutDraws(lock.resolved),
    isSame ? inputs : withoutDraws(inputs),
  );
  if (changed !== undefined)
    throw new Exit(exitCodes.findings, '', [
      notAsLocked(lockFileOf(file), `${changed} is another`),
    ]);
}

function withoutDraws(inputs: Inputs): Inputs {
  return Object.fromEntries(
    Object.entries(inputs).map(
      ([
        name,
        {
          model,
          data: { rows: _drawn, ...files },
        },
      ]) => [name, { model, data: files }],
    ),
  );
}

function readLock(file: string): TextLock {
  try {
    const value: Partial<TextLock> = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof value.plan === 'string' && typeof value.resolved === 'object')
      return { schema: 1, plan: value.plan, resolved: value.resolved };
  } catch {}
  throw new Exit(exitCodes.findings, '', [notAsLocked(file, 'it can’t be read')]);
}

/** VF572: what is here is not what was locked. */
const notAsLocked = (file: string, what: string): Diagnostic => ({
  code: 'VF572',
  severity: 'error',
  message: `\`${file}\` does not hold any more: ${what}`,
  hint: 'bring back what was locked, or accept what is there with `--relock`',
});
