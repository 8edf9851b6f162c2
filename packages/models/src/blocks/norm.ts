import type { Parameters } from '@vflair/core/contract';
import type { Graph, Value } from '@vflair/core/graph';

/** Layer normalisation over the last axis with the weight and bias stored under `key`. Ba et al. 2016. */
export function layerNorm(
  g: Graph,
  parameters: Parameters,
  x: Value,
  { key, epsilon }: { readonly key: string; readonly epsilon: number },
): Value {
  return g.layerNorm(x, parameters.weight(`${key}.weight`), {
    bias: parameters.weight(`${key}.bias`),
    epsilon,
  });
}
