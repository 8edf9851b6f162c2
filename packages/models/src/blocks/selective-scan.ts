import type { BlockContext } from '@vflair/core/contract';
import { dimOf, type Graph, type Value } from '@vflair/core/graph';
import { at } from '@vflair/core/text';
import { linear } from './linear.js';
import { linearScan } from './linear-scan.js';

/** Sizes of a selective state space, and the checkpoint key its parameters begin with. */
export interface StateSpace {
  readonly key: string;
  readonly inner: number;
  readonly state: number;
  readonly rank: number;
}

/**
 * A state space whose steps depend on its input (Gu & Dao 2023, algorithm 2) over `u` `[batch, seq, inner]`:
 * Δ ‖ B ‖ C = W·u,  δ = softplus(W_Δ·Δ + b),  h_t = e^{δ_t·A}·h_{t−1} + δ_t·u_t·B_tᵀ,  y_t = h_t·C_t + D ⊙ u_t,  A = −e^{A_log}.
 * Begins with the state `before` `[batch or 1, inner, state]`, or zeros; gives y `[batch, seq, inner]` and the last state.
 */
export function selectiveScan(
  { g, parameters }: BlockContext,
  u: Value,
  { key, inner, state, rank }: StateSpace,
  before?: Value,
): { readonly y: Value; readonly state: Value } {
  const parts = g.split(
    linear(g, parameters, u, { weight: `${key}.x_proj.weight` }),
    [rank, state, state],
    -1,
  );
  const raw = linear(g, parameters, at(parts, 0), {
    weight: `${key}.dt_proj.weight`,
    bias: `${key}.dt_proj.bias`,
  });
  const step = g.softplus(raw);
  const rate = g.neg(g.exp(parameters.weight(`${key}.A_log`)));
  const [batch, seq] = [dimOf(u, 0), dimOf(u, 1)];
  const flat = [batch, seq, inner * state];
  const logDecay = g.reshape(g.mul(g.unsqueeze(step, [3]), rate), flat);
  const drive = g.mul(g.unsqueeze(g.mul(step, u), [3]), g.unsqueeze(at(parts, 1), [2]));
  const input = startingFrom(g, { logDecay, input: g.reshape(drive, flat) }, before);
  const states = linearScan(g, { logDecay, input });
  const apart = g.reshape(states, [batch, seq, inner, state]);
  const read = g.squeeze(g.matMul(apart, g.unsqueeze(at(parts, 2), [3])), [3]);
  const last = g.slice(states, 1, { start: -1, size: 1 });
  return {
    y: g.add(read, g.mul(u, parameters.weight(`${key}.D`))),
    state: g.reshape(last, [batch, inner, state]),
  };
}

// h_0 = e^{l_0}·h_{−1} + x_0: what was before enters with the first input.
function startingFrom(
  g: Graph,
  { logDecay, input }: { readonly logDecay: Value; readonly input: Value },
  before: Value | undefined,
): Value {
  if (!before) return input;
  const width = dimOf(input, 2);
  const row = g.reshape(before, [dimOf(before, 0), 1, width]);
  const first = g.mul(g.exp(g.slice(logDecay, 1, { start: 0, end: 1, size: 1 })), row);
  const after = g.sub(g.sizeAt(input, 1), 1);
  return g.add(input, g.padAxis(first, 1, { before: g.ints([0]), after, size: dimOf(input, 1) }));
}
