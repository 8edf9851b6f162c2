import { type Dim, dimOf, type Graph, type Value } from '@vflair/core/graph';
import { at } from '@vflair/core/text';

/** A recurrence h_t = e^{logDecay_t}·h_{t−1} + input_t with h_{−1} = 0 along the second axis of two `[batch, seq, width]`. */
export interface Recurrence {
  /** ≤ 0 everywhere. */
  readonly logDecay: Value;
  readonly input: Value;
}

// Halvings before the rest is computed directly, at quadratic cost: 2048 positions are then 64. Each costs a graph
// some 24 nodes.
const halvings = 5;
// Exponent of a factor that must not count.
const never = -1e30;

/**
 * All states h of a {@link Recurrence}, `[batch, seq, width]`, exactly and for any length. Two neighbouring steps are one
 * of the same kind,  h_{2i+1} = e^{l_{2i+1} + l_{2i}}·h_{2i−1} + (e^{l_{2i+1}}·x_{2i} + x_{2i+1}),  so the odd states come
 * from a recurrence of half the length and the even ones from them (Blelloch 1990, section 1.4): memory is that of a few
 * copies of the input, not of log₂ seq.
 */
export function linearScan(g: Graph, { logDecay, input }: Recurrence, level = 1): Value {
  if (level > halvings) return directScan(g, { logDecay, input });
  const half = `seq~${level}`;
  const length = g.sizeAt(input, 1);
  const after = g.sub(g.mul(g.div(g.add(length, 1), 2), 2), length);
  const [evenDecay, oddDecay] = pairs(g, logDecay, { half, after });
  const [even, odd] = pairs(g, input, { half, after });
  const two = {
    logDecay: g.add(oddDecay, evenDecay),
    input: g.add(g.mul(g.exp(oddDecay), even), odd),
  };
  const later = linearScan(g, two, level + 1);
  const earlier = g.add(g.mul(g.exp(evenDecay), delayed(g, later)), even);
  const both = g.concat([earlier, later], 2);
  const flat = g.reshape(both, [dimOf(input, 0), `2*${half}`, dimOf(input, 2)]);
  return upTo(g, flat, { end: length, size: dimOf(input, 1) });
}

/** Even and odd positions, each `[batch, half, width]`; an odd length gets one more zero at its end. */
function pairs(
  g: Graph,
  x: Value,
  { half, after }: { half: string; after: Value },
): [Value, Value] {
  const width = Number(dimOf(x, 2));
  const whole = g.padAxis(x, 1, { before: g.ints([0]), after, size: `2*${half}` });
  const parts = g.split(g.reshape(whole, [dimOf(x, 0), half, 2 * width]), [width, width], 2);
  return [at(parts, 0), at(parts, 1)];
}

/** `x` one position later: a zero, then all but the last. */
function delayed(g: Graph, x: Value): Value {
  const size = dimOf(x, 1);
  const longer = { before: g.ints([1]), after: g.ints([0]), size: `${size}+1` };
  return upTo(g, g.padAxis(x, 1, longer), { end: g.sizeAt(x, 1), size });
}

/** The first positions of `x`, as many as `end` says. */
function upTo(g: Graph, x: Value, { end, size }: { end: Value; size: Dim }): Value {
  const shape = x.shape.map((dim, axis) => (axis === 1 ? size : dim));
  return at(g.node('Slice', [x, g.ints([0]), end, g.ints([1])], [{ dtype: 'float32', shape }]), 0);
}

// h_t = Σ_{s ≤ t} e^{L_t − L_s}·x_s with L the running sum of the log decays.
function directScan(g: Graph, { logDecay, input }: Recurrence): Value {
  const end = g.squeeze(g.sizeAt(input, 1), [0]);
  const counting = [g.scalar(0, 'int64'), end, g.scalar(1, 'int64')];
  const places = at(g.node('Range', counting, [{ dtype: 'int64', shape: [dimOf(input, 1)] }]), 0);
  const isPast = g.less(g.unsqueeze(places, [0]), g.add(g.unsqueeze(places, [1]), 1));
  const sums = g.matMul(g.cast(isPast, 'float32'), logDecay);
  const span = g.sub(g.unsqueeze(sums, [2]), g.unsqueeze(sums, [1]));
  const weight = g.exp(g.where(g.unsqueeze(isPast, [2]), span, never));
  return g.sum(g.mul(weight, g.unsqueeze(input, [1])), [2]);
}
