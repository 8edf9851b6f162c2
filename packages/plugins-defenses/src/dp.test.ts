import { gaussianDelta } from '@vflair/core/privacy';
import { floatTensor, intTensor } from '@vflair/core/tensor';
import { contextOf, defenseKit, drawSample, positionsOf } from '@vflair/core/testing';
import { expect, test } from 'vitest';
import dp from './dp.js';

const gaussian = { mechanism: 'gaussian', epsilon: 8, delta: 1e-5, clip: 1 } as const;
const laplace = { ...gaussian, mechanism: 'laplace' } as const;

for (const params of [gaussian, laplace, { ...gaussian, epsilon: 0.5, clip: 30 }]) {
  const words = `${params.mechanism}, ε ${params.epsilon}, C ${params.clip}`;
  for (const { name, run } of defenseKit(dp, { test: import.meta.url, params })) {
    test(`${name} (${words})`, run);
  }
}

const euclidean = (data: Iterable<number>): number => Math.hypot(...data);

test('a sequence inside the ball is only noised, one outside is scaled onto it', () => {
  // ε so large that nothing but the clip is left.
  const params = { ...gaussian, epsilon: 1e9, clip: 2 };
  const tensor = floatTensor([2, 2, 2], Float32Array.of(0.5, -0.5, 0.5, 0.5, 30, 0, 0, 40));
  const mask = intTensor([2, 2], [1, 1, 1, 1]);
  const { data } = dp.apply(tensor, contextOf(dp, params, { mask }));
  const near = [0.5, -0.5, 0.5, 0.5, 1.2, 0, 0, 1.6];
  expect(Math.max(...data.map((x, i) => Math.abs(x - (near[i] ?? 0))))).toBeLessThan(1e-2);
});

test('padding does not count towards the norm and is sent as zeros', () => {
  const params = { ...gaussian, epsilon: 1e9, clip: 2 };
  const tensor = floatTensor([1, 2, 1], Float32Array.of(1.5, 1000));
  const { data } = dp.apply(tensor, contextOf(dp, params, { mask: intTensor([1, 2], [1, 0]) }));
  expect(data[0]).toBeCloseTo(1.5, 2);
  expect(data[1]).toBe(0);
});

test('a whole row is clipped at test, each position on its own at generation', () => {
  const params = { ...gaussian, epsilon: 1e9 };
  const sample = drawSample([4, 4], 16, 100);
  const norms = (phase: 'test' | 'generate'): number[] => {
    const sent = dp.apply(sample.tensor, contextOf(dp, params, sample, { phase }));
    return positionsOf(sample).map(({ elements }) => euclidean(elements(sent)));
  };
  for (const norm of norms('generate')) expect(norm).toBeCloseTo(1, 2);
  const rows = norms('test');
  expect(euclidean(rows.slice(0, 4))).toBeCloseTo(1, 2);
  expect(euclidean(rows.slice(4))).toBeCloseTo(1, 2);
});

test('the claim is that of one release of one sequence', () => {
  expect(dp.claim({ ...gaussian, clip: 3 })).toMatchObject({
    mechanism: 'gaussian',
    unit: 'sequence',
    epsilon: 8,
    delta: 1e-5,
    sensitivity: 6,
  });
  expect(dp.claim({ ...laplace, clip: 3 })).toMatchObject({
    delta: 0,
    sensitivity: 6,
    scale: 0.75,
  });
});

test('a little less noise would not be enough for the claim', () => {
  const { scale, sensitivity } = dp.claim(gaussian);
  const release = { sensitivity: sensitivity ?? 0, sigma: (scale ?? 0) * (1 - 1e-6) };
  expect(gaussianDelta(gaussian.epsilon, release)).toBeGreaterThan(gaussian.delta);
});
