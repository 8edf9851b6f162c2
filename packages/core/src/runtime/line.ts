import type { Envelope } from '../party/index.js';

/** A worker thread or process (or anything that talks like one) that serves one order. */
export interface Line {
  readonly post: (envelope: Envelope) => void;
  readonly listen: (handler: (envelope: Envelope) => void) => void;
  /** Calls `handler` when the other end is gone, for whatever reason; more than one call is possible. */
  readonly onEnd: (handler: (reason: Error) => void) => void;
  /** Whether this process may end while the other end waits for work; it may not unless told so. */
  readonly rest?: (isIdle: boolean) => void;
  /** Ends the other end at once, even in the middle of work. */
  readonly end: () => Promise<void>;
}
