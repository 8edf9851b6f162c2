import { expect, test } from 'vitest';
import type { Envelope } from '../party/index.js';
import type { HostEvents, Order } from '../run/index.js';
import { Findings, finding } from '../text/index.js';
import { toFailure } from './failure.js';
import type { Line } from './line.js';
import { openHandle } from './worker-host.js';

const order = { kind: 'party', party: 'server' } as Order;

/** A line whose other end answers as `answer` says (nothing where it is undefined), and can be made to die. */
function scripted(answer: (name: string, argument: unknown) => unknown) {
  const posted: Envelope[] = [];
  let hear: (envelope: Envelope) => void = () => undefined;
  let die: (reason: Error) => void = () => undefined;
  let ended = 0;
  const line: Line = {
    post: (envelope) => {
      posted.push(envelope);
      if (envelope.type !== 'command') return;
      const value = answer(envelope.name, envelope.argument);
      if (value instanceof Error)
        hear({ type: 'failed', id: envelope.id, failure: toFailure(value) });
      else if (value !== undefined) hear({ type: 'reply', id: envelope.id, value });
    },
    listen: (handler) => {
      hear = handler;
    },
    onEnd: (handler) => {
      die = handler;
    },
    end: async () => {
      ended++;
      die(new Error('worker ended with code 1'));
    },
  };
  return {
    line,
    posted,
    hear: (envelope: Envelope) => hear(envelope),
    die: (reason: string) => die(new Error(reason)),
    ended: () => ended,
  };
}

/** Events that keep what was told. */
function listener() {
  const failures: Error[] = [];
  const told: unknown[] = [];
  const events: HostEvents = {
    message: (message) => told.push(message),
    progress: (...progress) => told.push(progress),
    failed: (error) => failures.push(error),
  };
  return { events, failures, told };
}

const echo = (name: string, argument: unknown): unknown => ({ name, argument });
const silentButOpen = (name: string): unknown => (name === 'open' ? null : undefined);

test('each command gets its own answer', async () => {
  const { line } = scripted(echo);
  const handle = await openHandle(line, order, listener().events);
  const answers = await Promise.all([handle.command('a', 1), handle.command('b', 2)]);
  expect(answers).toEqual([
    { name: 'a', argument: 1 },
    { name: 'b', argument: 2 },
  ]);
});

test('a command that fails at the other end fails here, findings as findings', async () => {
  const { line } = scripted((name) => (name === 'open' ? null : finding('VF564', 'it broke')));
  const handle = await openHandle(line, order, listener().events);
  await expect(handle.command('run')).rejects.toBeInstanceOf(Findings);
});

test('a worker that dies fails all waiting commands, later ones, and the run', async () => {
  const { line, die } = scripted(silentButOpen);
  const { events, failures } = listener();
  const handle = await openHandle(line, order, events);
  const waiting = [handle.command('train'), handle.command('settle')];
  die('out of memory');
  const reasons = await Promise.all([...waiting, handle.command('late')].map(reasonOf));
  for (const reason of [...reasons, ...failures])
    expect(String(reason)).toMatch(/VF575: the worker of party `server` is gone: out of memory/);
  expect(failures).toHaveLength(1);
});

const reasonOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'answered',
    (error: Error) => error.message,
  );

test('a failure over a message is told as a failure of the run', async () => {
  const { line, hear } = scripted(silentButOpen);
  const { events, failures } = listener();
  await openHandle(line, order, events);
  hear({ type: 'failed', id: 0, failure: toFailure(finding('VF560', 'a NaN')) });
  expect(failures.map(({ message }) => message)).toEqual(['VF560: a NaN']);
});

test('messages and progress are passed on', async () => {
  const { line, hear, posted } = scripted(silentButOpen);
  const { events, told } = listener();
  const handle = await openHandle(line, order, events);
  hear({ type: 'progress', stage: 'train', done: 1, of: 2 });
  expect(told).toEqual([['train', 1, 2]]);
  const tensor = { dtype: 'float32', shape: [0], data: new Float32Array() } as const;
  const message = {
    phase: 'test',
    step: 0,
    from: 'a',
    to: 'b',
    kind: 'activation',
    tensor,
  } as const;
  handle.deliver(message);
  expect(posted.at(-1)).toEqual({ type: 'message', message });
});

test('a worker that refuses to open is ended', async () => {
  const { line, ended } = scripted(() => finding('VF557', 'no such device'));
  await expect(openHandle(line, order, listener().events)).rejects.toThrow('VF557');
  expect(ended()).toBe(1);
});

test('closing asks first, then ends, and is no failure', async () => {
  const { line, posted, ended } = scripted(echo);
  const { events, failures } = listener();
  const handle = await openHandle(line, order, events);
  await handle.close();
  expect(posted.at(-1)).toMatchObject({ name: 'close' });
  expect([ended(), failures]).toEqual([1, []]);
});

test('closing a worker that is gone comes to an end', async () => {
  const { line, die, ended } = scripted(silentButOpen);
  const handle = await openHandle(line, order, listener().events);
  die('killed');
  await handle.close();
  expect(ended()).toBe(1);
});
