import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { diskFinding, makeFolder } from '@vflair/core/run';
import { Exit, exitCodes } from './exit.js';

/** Holds the number of the process that writes to a run's folder. */
const claimName = 'running.pid';

/**
 * Makes this process the one that writes to a run's folder, until it ends; the claim of a process that is gone doesn't
 * count. Throws Exit 2 while another process works there, and VF570 where the folder can't be written.
 */
export async function claimFolder(root: string): Promise<void> {
  const file = path.join(root, claimName);
  for (;;) {
    const owner = claimedBy(file);
    if (owner !== undefined) {
      throw new Exit(
        exitCodes.usage,
        `process ${owner} is running in \`${root}\`; wait for it, or choose another folder with --out`,
      );
    }
    if (await isWritten(root, file)) break;
    // What a process that is gone has left.
    rmSync(file, { force: true });
  }
  process.once('exit', () => rmSync(file, { force: true }));
}

/** Writes a claim where there is none, or finds its own; false where there is one. */
async function isWritten(root: string, file: string): Promise<boolean> {
  try {
    await makeFolder(root);
    // Exclusively: of two that start at once, one fails here and looks again.
    writeFileSync(file, `${process.pid}\n`, { flag: 'wx' });
    return true;
  } catch (error) {
    if (!existsSync(file)) throw diskFinding(error, file);
    return Number.parseInt(readOrEmpty(file), 10) === process.pid;
  }
}

/** The other process that has claimed a folder and is alive. */
function claimedBy(file: string): number | undefined {
  const owner = Number.parseInt(readOrEmpty(file), 10);
  return owner !== process.pid && isAlive(owner) ? owner : undefined;
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function isAlive(id: number): boolean {
  if (!Number.isInteger(id) || id < 1) return false;
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    // A process of somebody else can't be asked, but is there.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
