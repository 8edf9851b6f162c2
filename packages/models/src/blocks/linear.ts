import type { Parameters } from '@vflair/core/contract';
import { dimOf, flattenedDim, type Graph, type Value } from '@vflair/core/graph';

/** A linear map by its checkpoint keys; `layout` is how the weight is stored: `[out, in]` or, in GPT-2, `[in, out]`. */
export interface LinearMap {
  readonly weight: string;
  readonly bias?: string;
  readonly layout?: 'out-in' | 'in-out';
}

/**
 * y = x·Wᵀ + b over the last axis of `x`, plus the low-rank update s·(x·Aᵀ)·Bᵀ where an adapter sits on the weight
 * (LoRA, Hu et al. 2021, arXiv:2106.09685, eq. 3).
 */
export function linear(g: Graph, parameters: Parameters, x: Value, map: LinearMap): Value {
  const flat = flatten(g, x);
  let y = mapped(g, parameters, flat, map);
  const adapter = parameters.adapter(map.weight);
  if (adapter) {
    const down = g.gemm(flat, adapter.a, { transB: true });
    y = g.add(y, g.mul(g.gemm(down, adapter.b, { transB: true }), adapter.scale));
  }
  return x.shape.length === 2 ? y : g.reshape(y, [...x.shape.slice(0, -1), dimOf(y, 1)]);
}

// The weight as it is, or as blocks of few bits where its slice is quantised.
function mapped(g: Graph, parameters: Parameters, flat: Value, map: LinearMap): Value {
  const bias = map.bias === undefined ? {} : { c: parameters.weight(map.bias) };
  const packed = parameters.packed?.(map.weight);
  if (packed) return g.matMulNBits(flat, packed, bias);
  const transB = map.layout !== 'in-out';
  return g.gemm(flat, parameters.weight(map.weight), { transB, ...bias });
}

function flatten(g: Graph, x: Value): Value {
  if (x.shape.length === 2) return x;
  const leading = x.shape.slice(0, -1).map((_, axis) => axis);
  return g.reshape(x, [flattenedDim(x, leading), dimOf(x, -1)]);
}
