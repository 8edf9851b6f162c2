import type { Graph, Value } from '@vflair/core/graph';
import { at } from '@vflair/core/text';
import type { Layer } from './layer.js';

/** What a gated map is made of: where it is stored, its activation, and its inner width where gate and up are one map. */
export interface GatedMlp {
  /** Prefix of the maps inside the layer. */
  readonly name: string;
  readonly activation: (g: Graph, x: Value) => Value;
}

/** D·(act(G·x) ⊙ U·x) with maps `gate_proj`, `up_proj`, `down_proj`. Shazeer 2020, arXiv:2002.05202, §2. */
export function gatedMlp(g: Graph, layer: Layer, x: Value, { name, activation }: GatedMlp): Value {
  const gate = activation(g, layer.map(`${name}.gate_proj`, x));
  return layer.map(`${name}.down_proj`, g.mul(gate, layer.map(`${name}.up_proj`, x)));
}

/** act(first half) ⊙ second half of the last axis of `x`, each `inner` wide. */
export function gateHalves(
  g: Graph,
  x: Value,
  { inner, activation }: { readonly inner: number; readonly activation: GatedMlp['activation'] },
): Value {
  const halves = g.split(x, [inner, inner], -1);
  return g.mul(activation(g, at(halves, 0)), at(halves, 1));
}
