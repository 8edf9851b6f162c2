import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new folder for a test's files; `later` (vitest's `onTestFinished` or `afterAll`) is given its removal. */
export function temporaryFolder(later: (remove: () => void) => void): string {
  const folder = mkdtempSync(join(tmpdir(), 'vflair-test-'));
  later(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
