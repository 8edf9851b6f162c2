import type { ParameterSpec } from '@vflair/core/contract';
import { type FloatTensor, floatTensor, type Random, sizeOf } from '@vflair/core/tensor';

/** Standard deviation of fresh weights, as in Devlin et al. 2019 and Radford et al. 2019. */
const SIZE = 0.02;

/**
 * A parameter that no checkpoint brought: weights N(0, 0.02²), norms one, biases zero. Its numbers come from a stream of
 * its own key, so they don't depend on what else is fresh.
 */
export function initialise({ key, shape, init }: ParameterSpec, random: Random): FloatTensor {
  const data = new Float32Array(sizeOf(shape));
  if (init === 'ones') data.fill(1);
  if (init === 'normal') {
    const stream = random.stream(key);
    for (let i = 0; i < data.length; i++) data[i] = SIZE * stream.normal();
  }
  return floatTensor(shape, data);
}
