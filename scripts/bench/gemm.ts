import { createGraph, encodeModel } from '@vflair/core/graph';
import { Session } from '@vflair/core/session';
import { floatTensor } from '@vflair/core/tensor';

/** A square product of `size`³ in a session of its own. */
export async function openGemm(size: number, threads: number) {
  const g = createGraph();
  const [a, b] = ['a', 'b'].map((name) => g.input(name, 'float32', [size, size]));
  if (!a || !b) throw new Error('two inputs');
  const session = await Session.open(encodeModel(g, new Map([['y', g.sum(g.gemm(a, b))]])), {
    threads,
  });
  const values = () =>
    floatTensor(
      [size, size],
      Float32Array.from({ length: size * size }, (_, i) => (i % 7) - 3),
    );
  const feeds = { a: values(), b: values() };
  return {
    flop: 2 * size ** 3,
    run: async () => void (await session.run(feeds)),
    close: () => session.close(),
  };
}

/** The best rate of five products of 1024³, in GFLOP/s. */
export async function gemmPeak(threads: number): Promise<number> {
  const { flop, run, close } = await openGemm(1024, threads);
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 6; i++) {
    const begun = performance.now();
    await run();
    if (i > 0) best = Math.min(best, (performance.now() - begun) / 1000);
  }
  await close();
  return flop / best / 1e9;
}
