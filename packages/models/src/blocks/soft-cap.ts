import type { Graph, Value } from '@vflair/core/graph';

/** cap·tanh(x/cap), or `x` without a cap. Bello et al. 2017, arXiv:1611.09940, §5. */
export function softCap(g: Graph, x: Value, cap: number | undefined): Value {
  return cap === undefined ? x : g.mul(g.tanh(g.mul(x, 1 / cap)), cap);
}
