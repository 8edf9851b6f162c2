import { setTimeout } from 'node:timers/promises';
import type { Hosts } from '@vflair/core/run';
import { createLinePool, openHandle, processLine, threadLine } from '@vflair/core/runtime';
import { createProber, type Provider, resolveDevice } from '@vflair/core/session';
import { present } from '@vflair/core/text';

/** Hosts of a process that may have to end in the middle of a run. */
export interface StoppableHosts extends Hosts {
  /** Resolves when the process may end, at the latest after some seconds. */
  readonly stop: () => Promise<void>;
}

/** How long workers may take to stop, in milliseconds: one in a long loop doesn't hear. */
const stoppingTime = 5000;

/**
 * Where the parties and attacks of a run are opened: in worker threads, and parties on a GPU in processes of their own
 * (several threads of one process can't use one at once).
 */
export function workerHosts(): StoppableHosts {
  const entry = new URL(
    import.meta.url.endsWith('.ts') ? '../dist/worker.js' : './worker.js',
    import.meta.url,
  );
  const prober = createProber();
  // Parties of one name share workers over the pipelines of a run, attacks among themselves: never one with another.
  const pool = createLinePool(() => threadLine(entry));
  return {
    stop: () => Promise.race([pool.halt(), setTimeout(stoppingTime)]),
    start: async (order, events) => {
      if (order.kind !== 'party') return openHandle(pool.take('attack'), order, events);
      const { device } = present(
        order.pipeline.parties.find(({ name }) => name === order.party),
        `party ${order.party}`,
      );
      const { providers } = await resolveDevice(device, prober);
      const line = needsProcess(providers) ? processLine(entry) : pool.take(`party ${order.party}`);
      return openHandle(line, { ...order, providers }, events);
    },
  };
}

/** Whether a party that computes there needs a process of its own. */
export function needsProcess(providers: readonly Provider[]): boolean {
  return providers.some((provider) => provider !== 'cpu');
}
