import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new folder for one test's files, in the system's place for temporary ones. */
export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'vflair-test-'));
}
