import { Worker } from 'node:worker_threads';
import type { Envelope } from '../party/index.js';
import type { HostEvents, Order, PartyHandle } from '../run/index.js';
import { fromFailure } from './failure.js';

/** A worker thread (or anything that talks like one) that serves one order. */
export interface Line {
  readonly post: (envelope: Envelope) => void;
  readonly listen: (handler: (envelope: Envelope) => void) => void;
  readonly onEnd: (handler: (reason: Error) => void) => void;
  readonly end: () => Promise<void>;
}

/** A line to a new worker thread that runs `entry`. */
export function threadLine(entry: URL): Line {
  const worker = new Worker(entry);
  return {
    post: (envelope) => worker.postMessage(envelope),
    listen: (handler) => worker.on('message', handler),
    onEnd: (handler) => {
      worker.on('error', (error) =>
        handler(error instanceof Error ? error : new Error(String(error))),
      );
      worker.on('exit', (code) => handler(new Error(`worker ended with code ${code}`)));
    },
    end: async () => void (await worker.terminate()),
  };
}

/** Opens `order` at the other end of a line; commands are answered by promises, a lost worker fails all of them. */
export async function openHandle(
  line: Line,
  order: Order,
  events: HostEvents,
): Promise<PartyHandle> {
  const waiting = new Map<
    number,
    { resolve: (value: unknown) => void; reject: (error: Error) => void }
  >();
  let next = 1;
  let lost: Error | undefined;
  const failAll = (error: Error): void => {
    lost ??= error;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  line.onEnd(failAll);
  line.listen((envelope) => {
    if (envelope.type === 'message') events.message(envelope.message);
    if (envelope.type === 'progress') events.progress(envelope.stage, envelope.done, envelope.of);
    if (envelope.type === 'reply') waiting.get(envelope.id)?.resolve(envelope.value);
    if (envelope.type === 'failed' && envelope.id === 0)
      events.failed?.(fromFailure(envelope.failure));
    if (envelope.type === 'failed') waiting.get(envelope.id)?.reject(fromFailure(envelope.failure));
    if (envelope.type === 'reply' || envelope.type === 'failed') waiting.delete(envelope.id);
  });
  const command = (name: string, argument?: unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (lost) return reject(lost);
      const id = next++;
      waiting.set(id, { resolve, reject });
      line.post({ type: 'command', id, name, argument });
    });
  try {
    await command('open', order);
  } catch (error) {
    await line.end();
    throw error;
  }
  return {
    command,
    deliver: (message) => line.post({ type: 'message', message }),
    close: async () => {
      if (!lost) await command('close').catch(() => undefined);
      await line.end();
    },
  };
}
