import { createGraph, encodeModel } from '@vflair/core/graph';
import { Session } from '@vflair/core/session';
import { floatTensor } from '@vflair/core/tensor';
import { openGemm } from './gemm.ts';
import type { Variant } from './variant.ts';

const megabytes = 256;

export const variants: readonly Variant[] = [
  { name: 'machine.gemm-1', params: { size: 1024 }, open: () => openGemm(1024, 1) },
  { name: 'machine.gemm-2', params: { size: 1024 }, open: () => openGemm(1024, 2) },
  {
    // One sum over 256 MB: min_s gives the bandwidth of reading memory.
    name: 'machine.memory-read',
    params: { megabytes },
    open: async ({ threads }) => {
      const g = createGraph();
      const rows = (megabytes * 2 ** 20) / 4 / 1024;
      const x = g.input('x', 'float32', [rows, 1024]);
      const session = await Session.open(encodeModel(g, new Map([['y', g.sum(x, [1])]])), {
        threads,
      });
      const feeds = { x: floatTensor([rows, 1024], new Float32Array(rows * 1024).fill(1)) };
      return { run: async () => void (await session.run(feeds)), close: () => session.close() };
    },
  },
];
