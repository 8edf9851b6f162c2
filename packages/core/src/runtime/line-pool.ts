import type { Envelope } from '../party/index.js';
import type { Line } from './line.js';

/** Lines that are used again: starting a worker costs more than many orders take. */
export interface LinePool {
  /** A line for orders of one kind; its `end` gives it back, unless the worker was lost or is still busy. Idle ones don't keep the process. */
  readonly take: (kind: string) => Line;
}

interface Pooled {
  readonly line: Line;
  handler: (envelope: Envelope) => void;
  onEnd: (reason: Error) => void;
  isLost: boolean;
  /** Commands that were posted and not answered. */
  pending: number;
}

/**
 * Workers by kind of order: those that held one party's rows never serve another party or an attack. A worker that still
 * owes an answer when it is given back is ended, since nobody knows what it is doing.
 */
export function createLinePool(open: () => Line): LinePool {
  const idle = new Map<string, Pooled[]>();
  const start = (): Pooled => {
    const pooled: Pooled = {
      line: open(),
      handler: ignore,
      onEnd: ignore,
      isLost: false,
      pending: 0,
    };
    pooled.line.listen((envelope) => {
      // A failure of command 0 is told by nobody's asking.
      if ((envelope.type === 'reply' || envelope.type === 'failed') && envelope.id !== 0)
        pooled.pending--;
      pooled.handler(envelope);
    });
    pooled.line.onEnd((reason) => {
      pooled.isLost = true;
      pooled.onEnd(reason);
    });
    return pooled;
  };
  const giveBack = async (kind: string, pooled: Pooled): Promise<void> => {
    pooled.handler = ignore;
    pooled.onEnd = ignore;
    if (pooled.isLost || pooled.pending > 0) return pooled.line.end();
    idle.set(kind, [...(idle.get(kind) ?? []), pooled]);
    pooled.line.rest?.(true);
  };
  return {
    take: (kind) => {
      const free = idle.get(kind)?.pop();
      const pooled = free && !free.isLost ? free : start();
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

function ignore(): void {
  // Nobody listens while a line is idle.
}
