import type { RunFolder } from './folder.js';
import type { Hosts } from './hub.js';
import type { Library, Places } from './library.js';

/** What every part of a run works with. */
export interface RunContext {
  readonly library: Library;
  readonly hosts: Hosts;
  readonly places: Places;
  readonly folder: RunFolder;
  /** Threads of each session. */
  readonly threads: number;
  /** Milliseconds a worker may be silent before it is ended; ten minutes when absent. */
  readonly patience?: number;
  /** SHA-256 of the plan, for records. */
  readonly planDigest: string;
  readonly progress: (what: string, done: number, of: number) => void;
  /** A line for the person: one per stage. */
  readonly say: (line: string) => void;
}
