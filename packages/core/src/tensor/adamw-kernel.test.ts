import { expect, test } from 'vitest';
import { adamWKernel, blockSize } from './adamw-kernel.js';
import { randomStream } from './random.js';

const factors = {
  beta1: 0.9,
  beta2: 0.999,
  decay: 1 - 1e-4,
  firstScale: 0.01 / (1 - 0.9 ** 3),
  secondScale: 1 / Math.sqrt(1 - 0.999 ** 3),
  epsilon: 1e-8,
};

/** A kernel whose arrays hold numbers of any sign and many sizes. */
function filled() {
  const kernel = adamWKernel();
  const random = randomStream('adamw-kernel');
  for (let i = 0; i < blockSize; i++) {
    kernel.parameters[i] = random.normal();
    kernel.gradient[i] = random.normal() * 10 ** -random.integer(6);
    kernel.first[i] = 0.1 * random.normal();
    kernel.second[i] = 0.01 * random.normal() ** 2;
  }
  return kernel;
}

const at = (values: ArrayLike<number>, i: number): number => values[i] ?? Number.NaN;

test('a block is updated as the formula says, to float32', () => {
  const kernel = filled();
  const [p, g, m, v] = [kernel.parameters, kernel.gradient, kernel.first, kernel.second].map((x) =>
    Float64Array.from(x),
  ) as [Float64Array, Float64Array, Float64Array, Float64Array];
  kernel.update(blockSize, factors);
  let worst = 0;
  const compare = (found: number, expected: number): void => {
    worst = Math.max(worst, Math.abs(found - expected) / Math.max(1, Math.abs(expected)));
  };
  for (let i = 0; i < blockSize; i++) {
    const [gradient, { beta1, beta2 }] = [at(g, i), factors];
    const first = beta1 * at(m, i) + (1 - beta1) * gradient;
    const second = beta2 * at(v, i) + (1 - beta2) * gradient ** 2;
    const size = Math.sqrt(second) * factors.secondScale + factors.epsilon;
    compare(at(kernel.first, i), first);
    compare(at(kernel.second, i), second);
    compare(
      at(kernel.parameters, i),
      at(p, i) * factors.decay - (factors.firstScale * first) / size,
    );
  }
  expect(worst).toBeLessThan(1e-6);
  expect([...kernel.gradient]).toEqual([...g]);
});

test('what lies beyond the count, in whole fours, is left alone', () => {
  const kernel = filled();
  const before = kernel.parameters.slice();
  kernel.update(5, factors);
  expect(kernel.parameters.subarray(8)).toEqual(before.subarray(8));
  expect(kernel.parameters.subarray(0, 5)).not.toEqual(before.subarray(0, 5));
});
