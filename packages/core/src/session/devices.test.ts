import { expect, test } from 'vitest';
import { Findings } from '../text/index.js';
import { createProber, type DeviceProber, resolveDevice } from './devices.js';

/** A machine whose devices fail for the reasons given; counts nothing, remembers what was asked. */
function machine(failures: { readonly [kind: string]: string | undefined }) {
  const asked: string[] = [];
  const prober: DeviceProber = {
    kinds: () => ['cpu', ...Object.keys(failures)],
    failure: async (kind, index) => {
      asked.push(`${kind}:${index}`);
      return failures[kind];
    },
  };
  return { prober, asked };
}

async function refusal(kind: string, prober: DeviceProber) {
  const error: unknown = await resolveDevice({ kind, index: 0 }, prober).catch((reason) => reason);
  return error instanceof Findings ? error.diagnostics[0] : undefined;
}

test('auto takes the first kind that works and tries no other', async () => {
  const { prober, asked } = machine({ webgpu: undefined, cuda: 'no driver', dml: undefined });
  expect(await resolveDevice({ kind: 'auto', index: 0 }, prober)).toEqual({
    providers: ['dml'],
    line: 'dml:0 (auto)',
  });
  expect(asked).toEqual(['cuda:0', 'dml:0']);
});

test('auto is the processor where nothing else works, and says what it missed', async () => {
  const { prober } = machine({ webgpu: 'no adapter', cuda: 'no driver', tensorrt: undefined });
  expect(await resolveDevice({ kind: 'auto', index: 0 }, prober)).toEqual({
    providers: ['cpu'],
    line: 'cpu (auto, no cuda, webgpu)',
  });
});

test('the processor needs no probe', async () => {
  const { prober, asked } = machine({});
  const { providers } = await resolveDevice({ kind: 'cpu', index: 0 }, prober);
  expect(providers).toEqual(['cpu']);
  expect(asked).toEqual([]);
});

test('the second device of a kind is asked for by its number', async () => {
  const { prober, asked } = machine({ cuda: undefined });
  const { providers } = await resolveDevice({ kind: 'cuda', index: 1 }, prober);
  expect(providers).toEqual([{ name: 'cuda', deviceId: 1 }]);
  expect(asked).toEqual(['cuda:1']);
});

test('a device that is asked for by name and fails is a finding that says how to get it', async () => {
  const { prober } = machine({ cuda: 'no driver' });
  expect(await refusal('cuda', prober)).toMatchObject({
    code: 'VF557',
    message: expect.stringContaining('no driver'),
    hint: expect.stringContaining('ONNXRUNTIME_NODE_INSTALL=true'),
  });
  expect(await refusal('tpu', prober)).toMatchObject({
    code: 'VF556',
    hint: expect.stringContaining('cuda'),
  });
});

test('the real probe tells a provider that works from one that does not exist', async () => {
  const prober = createProber();
  expect(prober.kinds()).toContain('cpu');
  expect(await prober.failure('cpu', 0)).toBeUndefined();
  expect(await prober.failure('abacus', 0)).toContain('abacus');
  expect(prober.failure('abacus', 0)).toBe(prober.failure('abacus', 0));
});

test('on this machine, auto is a device that was found to work', async () => {
  const prober = createProber();
  const { providers, line } = await resolveDevice({ kind: 'auto', index: 0 }, prober);
  const [provider] = providers;
  expect(
    typeof provider === 'string' ? await prober.failure(provider, 0) : provider,
  ).toBeUndefined();
  expect(line).toContain('auto');
});
