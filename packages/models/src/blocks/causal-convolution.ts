import { dimOf, type Graph, type Value } from '@vflair/core/graph';

/** A depthwise convolution that looks back: weight `[width, 1, kernel]` and bias `[width]`. */
export interface Convolution {
  readonly weight: Value;
  readonly bias: Value | undefined;
  readonly kernel: number;
}

/**
 * y_t = Σ_j w_j ⊙ x_{t−kernel+1+j} + bias over `x` `[batch, seq, width]`, and the last kernel − 1 rows of what came in,
 * `[batch, kernel − 1, width]`. What came before the first row is `before` (of that shape, or one that all rows of the
 * batch share), or zeros.
 */
export function causalConvolution(
  g: Graph,
  x: Value,
  { weight, bias, kernel }: Convolution,
  before?: Value,
): { readonly result: Value; readonly last: Value } {
  const [batch, seq, width] = x.shape.map((_, axis) => dimOf(x, axis)) as [string, string, number];
  const reach = kernel - 1;
  const longer =
    before && reach > 0
      ? g.concat([g.expand(before, [batch, reach, width]), x], 1)
      : g.padAxis(x, 1, { before: g.ints([reach]), after: g.ints([0]), size: `${seq}+${reach}` });
  let result: Value | undefined;
  for (let j = 0; j < kernel; j++) {
    const factor = g.reshape(g.slice(weight, 2, { start: j, end: j + 1 }), [width]);
    const end = j === reach ? {} : { end: j - reach };
    const seen = g.slice(longer, 1, { start: j, size: seq, ...end });
    const term = g.mul(seen, factor);
    result = result ? g.add(result, term) : term;
  }
  const total = result ?? x;
  return {
    result: bias ? g.add(total, bias) : total,
    last: g.slice(longer, 1, { start: -reach, size: reach }),
  };
}
