import type { Envelope } from '../party/index.js';
import type { Line } from './line.js';

/** Lines that are used again: starting a worker costs more than many orders take. */
export interface LinePool {
  /** A line for orders of one kind; its `end` gives it back, unless the worker was lost or is still busy. Idle ones don't keep the process. */
  readonly take: (kind: string) => Line;
  /** Resolves when every worker has stopped for good, at a place where the process may end. */
  readonly halt: () => Promise<void>;
}

interface Pooled {
  readonly line: Line;
  handler: (envelope: Envelope) => void;
  onEnd: (reason: Error) => void;
  isLost: boolean;
  /** Commands that were posted and not answered. */
  pending: number;
  onHalt: () => void;
}

/** Id of the command that stops a worker for good. */
const haltId = -1;

/**
 * Workers by kind of order: those that held one party's rows never serve another party or an attack. A worker that still
 * owes an answer when it is given back is ended, since nobody knows what it is doing.
 */
export function createLinePool(open: () => Line): LinePool {
  const idle = new Map<string, Pooled[]>();
  const started = new Set<Pooled>();
  const giveBack = async (kind: string, pooled: Pooled): Promise<void> => {
    pooled.handler = ignore;
    pooled.onEnd = ignore;
    if (pooled.isLost || pooled.pending > 0) return pooled.line.end();
    idle.set(kind, [...(idle.get(kind) ?? []), pooled]);
    pooled.line.rest?.(true);
  };
  return {
    halt: async () => void (await Promise.all([...started].map(halt))),
    take: (kind) => {
      const free = idle.get(kind)?.pop();
      const pooled = free && !free.isLost ? free : startIn(started, open());
      pooled.line.rest?.(false);
      return {
        post: (envelope) => {
          if (envelope.type === 'command') pooled.pending++;
          pooled.line.post(envelope);
        },
        listen: (handler) => {
          pooled.handler = handler;
        },
        onEnd: (handler) => {
          pooled.onEnd = handler;
        },
        end: () => giveBack(kind, pooled),
      };
    },
  };
}

/** A new worker, counted among `started` until it is lost. */
function startIn(started: Set<Pooled>, line: Line): Pooled {
  const pooled: Pooled = {
    line,
    handler: ignore,
    onEnd: ignore,
    isLost: false,
    pending: 0,
    onHalt: ignore,
  };
  started.add(pooled);
  line.listen((envelope) => {
    if (envelope.type === 'reply' && envelope.id === haltId) return pooled.onHalt();
    // A failure of command 0 is told by nobody's asking.
    if ((envelope.type === 'reply' || envelope.type === 'failed') && envelope.id !== 0)
      pooled.pending--;
    pooled.handler(envelope);
  });
  line.onEnd((reason) => {
    pooled.isLost = true;
    started.delete(pooled);
    pooled.onHalt();
    pooled.onEnd(reason);
  });
  return pooled;
}

/** Resolves when a worker has heard that it is to stop, or is lost. */
const halt = (pooled: Pooled): Promise<void> =>
  new Promise((resolve) => {
    pooled.onHalt = resolve;
    pooled.line.post({ type: 'command', id: haltId, name: 'halt', argument: null });
  });

function ignore(): void {
  // Nobody listens while a line is idle.
}
