import type { Message, PipelinePlan } from '../contract/index.js';
import { at, present } from '../text/index.js';
import type { Order, PartyOrder } from './orders.js';
import type { Tap } from './tap.js';

/** A running party: takes commands and messages. */
export interface PartyHandle {
  readonly command: (name: string, argument?: unknown) => Promise<unknown>;
  readonly deliver: (message: Message) => void;
  readonly close: () => Promise<void>;
}

/** What a host tells the runner while a party runs. */
export interface HostEvents {
  readonly message: (message: Message) => void;
  readonly progress: (stage: string, done: number, of: number) => void;
  /** A party failed while it handled a message: nobody waits for that, but the run can't go on. */
  readonly failed?: (error: Error) => void;
}

/** Starts parties: in worker threads, in processes of their own, or (in tests) in this thread. */
export interface Hosts {
  readonly start: (order: Order, events: HostEvents) => Promise<PartyHandle>;
}

/** The parties of one pipeline, wired: every message goes past the tap to the owner of the slice it is for. */
export interface World {
  /** Asks the data party; rejects as soon as any other party fails. */
  readonly ask: (name: string, argument?: unknown) => Promise<unknown>;
  /** Resolves when every gradient under way has come to its end; rejects as soon as any party fails. */
  readonly settle: () => Promise<void>;
  readonly data: PartyHandle;
  readonly others: readonly PartyHandle[];
  /** All parties by name, in the order of their first slice. */
  readonly parties: ReadonlyMap<string, PartyHandle>;
  readonly close: () => Promise<void>;
}

/** Opens all parties of a pipeline. If one can't open, those that did are closed again. */
export async function openWorld(
  hosts: Hosts,
  order: Omit<PartyOrder, 'party' | 'kind'>,
  options: { readonly tap?: Tap; readonly progress?: HostEvents['progress'] } = {},
): Promise<World> {
  const { slices } = order.pipeline;
  const owners = new Map(slices.map((slice) => [slice.name, slice.owner]));
  const handles = new Map<string, PartyHandle>();
  const message = (sent: Message): void => {
    options.tap?.record(sent);
    handles.get(present(owners.get(sent.to), `owner of slice ${sent.to}`))?.deliver(sent);
  };
  const { promise: failure, reject: failed } = Promise.withResolvers<never>();
  failure.catch(() => undefined);
  const events: HostEvents = { message, progress: options.progress ?? (() => undefined), failed };
  await openParties(hosts, order, { handles, events });
  const parties = new Map(
    activeParties(order.pipeline).map((name) => [name, present(handles.get(name), name)]),
  );
  const dataParty = at(slices, 0).owner;
  const data = present(parties.get(dataParty), 'data party');
  const others = [...parties].filter(([name]) => name !== dataParty).map(([, handle]) => handle);
  const ask = (name: string, argument?: unknown): Promise<unknown> =>
    Promise.race([data.command(name, argument), failure]);
  // Gradients run from the last slice to the first: who sends must be done before who receives is asked.
  const settle = async (): Promise<void> => {
    for (const { owner } of slices.toReversed()) {
      if (owner === dataParty) continue;
      await Promise.race([present(parties.get(owner), owner).command('settle'), failure]);
    }
  };
  return { ask, settle, data, others, parties, close: () => closeAll(handles) };
}

async function openParties(
  hosts: Hosts,
  order: Omit<PartyOrder, 'party' | 'kind'>,
  { handles, events }: { handles: Map<string, PartyHandle>; events: HostEvents },
): Promise<void> {
  const opening = activeParties(order.pipeline).map(async (party) => {
    handles.set(party, await hosts.start({ ...order, kind: 'party', party }, events));
  });
  // All have to come to an end before any is closed: one that opens later would be left running.
  const refused = (await Promise.allSettled(opening)).find(({ status }) => status === 'rejected');
  if (refused?.status !== 'rejected') return;
  await closeAll(handles);
  throw refused.reason;
}

async function closeAll(handles: ReadonlyMap<string, PartyHandle>): Promise<void> {
  await Promise.all([...handles.values()].map((handle) => handle.close()));
}

function activeParties(pipeline: PipelinePlan): string[] {
  return [...new Set(pipeline.slices.map((slice) => slice.owner))];
}
