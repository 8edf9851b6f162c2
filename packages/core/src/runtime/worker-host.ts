import { Worker } from 'node:worker_threads';
import type { Envelope } from '../party/index.js';
import type { HostEvents, Order, PartyHandle } from '../run/index.js';
import { finding } from '../text/index.js';
import { fromFailure } from './failure.js';
import type { Line } from './line.js';

/** How long a worker may take to close by itself, in milliseconds: one that computes doesn't hear. */
const closingTime = 2000;

// Tensors of one step live shortly: in a small young generation they would be copied, or outlive it, step after step.
const resourceLimits = { maxYoungGenerationSizeMb: 96 };

/** A line to a new worker thread that runs `entry`. */
export function threadLine(entry: URL): Line {
  // Flags of the program around us (a test runner's, say) are not for our own code.
  const worker = new Worker(entry, { execArgv: [], resourceLimits });
  return {
    post: (envelope) => worker.postMessage(envelope),
    listen: (handler) => worker.on('message', handler),
    onEnd: (handler) => {
      worker.on('error', (error) =>
        handler(error instanceof Error ? error : new Error(String(error))),
      );
      worker.on('exit', (code) => handler(new Error(`worker ended with code ${code}`)));
    },
    rest: (isIdle) => (isIdle ? worker.unref() : worker.ref()),
    end: async () => void (await worker.terminate()),
  };
}

/** Opens `order` at the other end of a line; commands are answered by promises, a lost worker fails all of them. */
export async function openHandle(
  line: Line,
  order: Order,
  events: HostEvents,
): Promise<PartyHandle> {
  const waiting = new Waiting();
  let isClosing = false;
  line.onEnd((reason) => {
    const lost = lostWorker(order, reason);
    waiting.failAll(lost);
    if (!isClosing) events.failed?.(lost);
  });
  line.listen((envelope) => take(envelope, waiting, events));
  const command = (name: string, argument?: unknown): Promise<unknown> =>
    waiting.ask((id) => line.post({ type: 'command', id, name, argument }));
  try {
    await command('open', order);
  } catch (error) {
    isClosing = true;
    await line.end();
    throw error;
  }
  return {
    command,
    deliver: (message) => line.post({ type: 'message', message }),
    close: async () => {
      isClosing = true;
      await orAfter(
        closingTime,
        command('close').catch(() => undefined),
      );
      await line.end();
    },
  };
}

function lostWorker(order: Order, { message }: Error): Error {
  const whose = order.kind === 'party' ? `of party \`${order.party}\`` : 'of an attack';
  return finding(
    'VF575',
    `the worker ${whose} is gone: ${message}`,
    'it may have run out of memory: lower `batch` or `max-length`, then run again with `--resume`',
  );
}

function take(envelope: Envelope, waiting: Waiting, events: HostEvents): void {
  if (envelope.type === 'message') events.message(envelope.message);
  if (envelope.type === 'progress') events.progress(envelope.stage, envelope.done, envelope.of);
  if (envelope.type === 'reply') waiting.resolve(envelope.id, envelope.value);
  if (envelope.type !== 'failed') return;
  const error = fromFailure(envelope.failure);
  // Command 0 is nobody's: the party failed over a message.
  if (envelope.id === 0) events.failed?.(error);
  else waiting.reject(envelope.id, error);
}

/** Commands that have been asked and not yet answered. */
class Waiting {
  readonly #open = new Map<
    number,
    { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void }
  >();
  #next = 1;
  #lost: Error | undefined;

  ask(post: (id: number) => void): Promise<unknown> {
    if (this.#lost) return Promise.reject(this.#lost);
    const id = this.#next++;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#open.set(id, { resolve, reject });
    post(id);
    return promise;
  }

  resolve(id: number, value: unknown): void {
    this.#open.get(id)?.resolve(value);
    this.#open.delete(id);
  }

  reject(id: number, error: Error): void {
    this.#open.get(id)?.reject(error);
    this.#open.delete(id);
  }

  failAll(error: Error): void {
    this.#lost ??= error;
    for (const { reject } of this.#open.values()) reject(error);
    this.#open.clear();
  }
}

/** Resolves with `work`, or after so many milliseconds. */
async function orAfter(milliseconds: number, work: Promise<unknown>): Promise<void> {
  const { promise: over, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  await Promise.race([work, over]);
  clearTimeout(timer);
}
