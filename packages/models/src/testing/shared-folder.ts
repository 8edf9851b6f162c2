import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A test that needs reference data: whether to skip it, and what it is called (with the reason, if skipped). */
export interface SharedCase {
  readonly title: string;
  readonly isAbsent: boolean;
  readonly folder: string;
}

/** The folder of reference data is beside the repository as `shared`, or where VFLAIR_SHARED points. */
export function sharedCase(title: string, needed: readonly string[]): SharedCase {
  const beside = fileURLToPath(new URL('../../../../../shared', import.meta.url));
  const folder = process.env.VFLAIR_SHARED ?? beside;
  const absent = needed.find((path) => !existsSync(join(folder, path)));
  const reason = absent === undefined ? '' : ` (skipped: no ${absent} in the shared folder)`;
  return { title: title + reason, isAbsent: absent !== undefined, folder };
}
