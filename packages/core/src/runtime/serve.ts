import type { Envelope, Port } from '../party/index.js';
import type { Library, Order } from '../run/index.js';
import { toFailure } from './failure.js';
import { openAttack } from './serve-attack.js';
import { openPartyService } from './serve-party.js';

/** What a worker offers once it is open. */
export interface Service {
  readonly command: (name: string, argument: unknown) => Promise<unknown>;
  readonly message: (message: Extract<Envelope, { type: 'message' }>['message']) => void;
  readonly close: () => Promise<void>;
}

/** Serves orders over a port, one after another: opens one, answers its commands, closes it on request. */
export function serve(port: Port, library: Library): void {
  let service: Promise<Service> | undefined;
  const answer = async (id: number, work: () => Promise<unknown>): Promise<void> => {
    try {
      port.post({ type: 'reply', id, value: await work() });
    } catch (error) {
      port.post({ type: 'failed', id, failure: toFailure(error) });
    }
  };
  port.listen((envelope) => {
    if (envelope.type === 'message') {
      service?.then((open) => open.message(envelope.message)).catch(() => undefined);
    } else if (envelope.type === 'command' && envelope.name === 'open') {
      service = open(port, library, envelope.argument as Order);
      void answer(envelope.id, async () => void (await service));
    } else if (envelope.type === 'command' && envelope.name === 'halt') {
      port.post({ type: 'reply', id: envelope.id, value: undefined });
      // Until the process ends: one that ends while native code runs in a thread is aborted.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    } else if (envelope.type === 'command' && envelope.name === 'close') {
      const closing = service;
      service = undefined;
      void answer(envelope.id, async () => (await closing)?.close());
    } else if (envelope.type === 'command') {
      void answer(envelope.id, async () =>
        (await service)?.command(envelope.name, envelope.argument),
      );
    }
  });
}

function open(port: Port, library: Library, order: Order): Promise<Service> {
  return order.kind === 'party'
    ? openPartyService(port, library, order)
    : openAttack(port, library, order);
}
