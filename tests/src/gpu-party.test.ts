import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openWorld, type ProbeResult } from '@vflair/core/run';
import { resolveDevice } from '@vflair/core/session';
import type { FloatTensor } from '@vflair/core/tensor';
import { at, present } from '@vflair/core/text';
import { beforeAll, expect, test } from 'vitest';
import { workerHosts } from '../../packages/cli/src/hosts.js';
import { pipelineOf, slicesOf } from './party-world.js';

// A software adapter: slow, but it computes what a GPU would. Debian's chromium-common brings it with a Vulkan loader.
const chromium = '/usr/lib/chromium';

beforeAll(() => {
  if (!existsSync(`${chromium}/vk_swiftshader_icd.json`)) return;
  // Read by the processes that are started from here, not by this one.
  process.env.VK_ICD_FILENAMES ??= `${chromium}/vk_swiftshader_icd.json`;
  process.env.LD_LIBRARY_PATH ??= chromium;
  process.env.XDG_RUNTIME_DIR ??= tmpdir();
});

const slices = slicesOf('head@client: embed..0', 'body@server: 1..2', 'tail@client: 3..output');

const rows = [
  { id: 'a', ids: [2, 40, 77, 301, 3], label: 0 },
  { id: 'b', ids: [2, 15, 3], label: 1 },
].map((row) => ({ ...row, user: row.ids.map(() => true) }));

/** Loss and all gradients of one pass with the model party on a device. */
async function probeOn(kind: string): Promise<ProbeResult> {
  const params = { rank: 4, alpha: 8, epochs: 1, batch: 2, 'learning-rate': 1e-4 };
  const pipeline = pipelineOf(
    slices,
    {
      kind: 'finetune',
      method: 'lora',
      params: { ...params, 'weight-decay': 0, slices: [], targets: [] },
    },
    {
      model: { kind: 'catalog', ref: 'tiny-bert', family: 'bert', blocks: 4 },
      data: {
        ...{ kind: 'catalog', ref: 'spam-assassin', testFile: null, train: 1, test: 1 },
        ...{ maxLength: 8, columns: {} },
      },
      parties: [
        { name: 'client', device: { kind: 'cpu', index: 0 }, holds: ['data', 'labels'] },
        { name: 'server', device: { kind, index: 0 }, holds: [] },
      ],
    },
  );
  const places = { base: '/', cache: join(tmpdir(), 'vflair-gpu-party') };
  const world = await openWorld(workerHosts(), { pipeline, places, threads: 1, probing: true });
  try {
    const { loss, gradients } = (await world.ask('probe', { step: 0, rows })) as ProbeResult;
    await world.settle();
    const others = (await at(world.others, 0).command('gradients')) as Map<string, FloatTensor>;
    return { loss, gradients: new Map([...gradients, ...others]) };
  } finally {
    await world.close();
  }
}

test('a model party on webgpu, in a process of its own, computes what it computes on the processor', async (context) => {
  const device = await resolveDevice({ kind: 'webgpu', index: 0 }).catch((error: Error) => error);
  if (device instanceof Error) return context.skip(`no party on a GPU here: ${device.message}`);
  const [there, here] = [await probeOn('webgpu'), await probeOn('cpu')];
  expect(Math.abs(there.loss - here.loss)).toBeLessThan(1e-3);
  expect(here.gradients.size).toBeGreaterThan(8);
  expect([...there.gradients.keys()].sort()).toEqual([...here.gradients.keys()].sort());
  for (const [name, { data }] of here.gradients) {
    const scale = Math.max(1e-3, ...data.map(Math.abs));
    const other = present(there.gradients.get(name), name).data;
    const gap = Math.max(...data.map((x, i) => Math.abs(x - (other[i] ?? Number.NaN))));
    expect(gap / scale, name).toBeLessThan(1e-3);
  }
});
