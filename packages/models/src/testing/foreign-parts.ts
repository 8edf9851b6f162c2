import type { FloatTensor } from '@vflair/core/tensor';
import type { ForeignGraph } from './foreign-graph.js';

/** Parameters by their names in a checkpoint. */
export type ReadWeight = (key: string) => FloatTensor;

/** The smallest float, which hides a score. */
export const LOWEST = -3.4028234663852886e38;

/** A norm in one node, or in the ones it is made of. */
export function norm(
  f: ForeignGraph,
  x: string,
  [weight, bias]: readonly [string, string],
  how: { fused: boolean; epsilon: number },
): string {
  if (how.fused)
    return f.node('LayerNormalization', [x, weight, bias], { axis: -1, epsilon: how.epsilon });
  const centred = f.node('Sub', [x, f.node('ReduceMean', [x], { axes: [-1] })]);
  const squared = f.node('Pow', [centred, f.float(2)]);
  const variance = f.node('ReduceMean', [squared], { axes: [-1] });
  const deviation = f.node('Sqrt', [f.node('Add', [variance, f.float(how.epsilon)])]);
  const normal = f.node('Div', [centred, deviation]);
  return f.node('Add', [f.node('Mul', [normal, weight]), bias]);
}

/** `[batch, seq, width]` → `[batch, heads, seq, width/heads]`, its sizes read off at run time. */
export function heads(
  f: ForeignGraph,
  x: string,
  [count, size]: readonly [number, number],
): string {
  const target = f.shape([f.size(x, 0), f.size(x, 1), count, size]);
  return f.node('Transpose', [f.node('Reshape', [x, target])], { perm: [0, 2, 1, 3] });
}

/** {@link heads} undone. */
export function merged(f: ForeignGraph, x: string, width: number): string {
  const y = f.node('Transpose', [x], { perm: [0, 2, 1, 3] });
  return f.node('Reshape', [y, f.shape([f.size(y, 0), f.size(y, 1), width])]);
}
