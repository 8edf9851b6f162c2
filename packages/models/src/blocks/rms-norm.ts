import type { Parameters } from '@vflair/core/contract';
import type { Graph, Value } from '@vflair/core/graph';

/** y = w ⊙ x/√(mean(x²) + ε) over the last axis, w stored under `key`. Zhang & Sennrich 2019, arXiv:1910.07467. */
export function rmsNorm(
  g: Graph,
  parameters: Parameters,
  x: Value,
  { key, epsilon }: { readonly key: string; readonly epsilon: number },
): Value {
  const size = g.sqrt(g.add(g.mean(g.mul(x, x), [-1], true), epsilon));
  return g.mul(g.div(x, size), parameters.weight(key));
}
