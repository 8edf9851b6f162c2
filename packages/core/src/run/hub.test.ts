import { expect, test } from 'vitest';
import type { Message } from '../contract/index.js';
import { floatTensor } from '../tensor/index.js';
import { type HostEvents, type Hosts, openWorld } from './hub.js';
import { invented } from './invented.test.helper.js';

const chain = invented({
  slices: [
    { name: 'head', from: 'embed', to: 0, owner: 'client', role: 'head' },
    { name: 'body', from: 1, to: 1, owner: 'server', role: 'body' },
    { name: 'middle', from: 2, to: 2, owner: 'third', role: 'body' },
    { name: 'tail', from: 3, to: 'output', owner: 'client', role: 'tail' },
  ],
});

const order = {
  ...{ pipeline: chain, places: { base: '', cache: '' }, threads: 1, probing: false },
} as const;

/** Hosts whose parties answer as `answer` says, and a log of all that was asked of them. */
function scripted(answer: (party: string, command: string) => Promise<unknown>) {
  const log: string[] = [];
  const events = new Map<string, HostEvents>();
  const hosts: Hosts = {
    start: async (asked, told) => {
      const party = asked.kind === 'party' ? asked.party : '';
      events.set(party, told);
      await answer(party, 'open');
      return {
        command: (name) => {
          log.push(`${party} ${name}`);
          return answer(party, name);
        },
        deliver: ({ kind, to }) => void log.push(`${party} gets ${kind} for ${to}`),
        close: async () => void log.push(`${party} close`),
      };
    },
  };
  return { hosts, log, events };
}

const never = new Promise<never>(() => undefined);
const done = async (): Promise<unknown> => 'done';

test('a message goes to the owner of the slice it is for', async () => {
  const { hosts, log, events } = scripted(done);
  await openWorld(hosts, order);
  const tensor = floatTensor([1], new Float32Array(1));
  const message: Message = {
    ...{ phase: 'train', step: 0, from: 'head', to: 'middle', kind: 'mask', tensor },
  };
  events.get('client')?.message(message);
  expect(log).toEqual(['third gets mask for middle']);
});

test('a party that fails ends the wait for the data party, and the settling of the others', async () => {
  const { hosts, events } = scripted((_, command) => (command === 'open' ? done() : never));
  const world = await openWorld(hosts, order);
  const waiting = [world.ask('train'), world.settle()];
  events.get('third')?.failed?.(new Error('third is gone'));
  for (const promise of [...waiting, world.ask('evaluate'), world.settle()])
    await expect(promise).rejects.toThrow('third is gone');
});

test('parties settle from the last slice to the first, each after the one that sends to it', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { hosts, log } = scripted((party, command) =>
    party === 'third' && command === 'settle' ? promise : done(),
  );
  const world = await openWorld(hosts, order);
  const settled = world.settle();
  await Promise.resolve();
  expect(log).toEqual(['third settle']);
  resolve();
  await settled;
  expect(log).toEqual(['third settle', 'server settle']);
});

test('closing closes every party, also after a failure', async () => {
  const { hosts, log, events } = scripted(done);
  const world = await openWorld(hosts, order);
  events.get('server')?.failed?.(new Error('gone'));
  await world.close();
  expect(log.toSorted()).toEqual(['client close', 'server close', 'third close']);
});

test('where one party does not open the others are closed, also those that open later', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { hosts, log } = scripted((party) => {
    if (party === 'server') return Promise.reject(new Error('no such device'));
    return party === 'third' ? promise : done();
  });
  const opening = openWorld(hosts, order);
  opening.catch(() => undefined);
  await Promise.resolve();
  resolve();
  await expect(opening).rejects.toThrow('no such device');
  expect(log.toSorted()).toEqual(['client close', 'third close']);
});
