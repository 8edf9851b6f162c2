import type { BlockContext } from '@vflair/core/contract';
import type { Value } from '@vflair/core/graph';
import { floatTensor } from '@vflair/core/tensor';
import { Bug } from '@vflair/core/text';
import { once } from './once.js';

/** A bias on scores that grows with the key's position: scale·slope·position. Press et al. 2022, arXiv:2108.12409. */
export interface Alibi {
  /** What distinguishes it from others in one graph. */
  readonly name: string;
  /** One slope per query head. */
  readonly slopes: readonly number[];
  readonly scale: number;
  /** Whether slope, position and their product are rounded to bfloat16. */
  readonly rounded: boolean;
}

/**
 * Slopes of `heads` heads: 2^(−8i/n), i = 1 … n, for the largest power of two n ≤ heads; the rest, if any, 2^(−4i/n) for
 * i = 1, 3, 5, … (arXiv:2108.12409, §3 and its published code for other numbers of heads).
 */
export function alibiSlopes(heads: number): number[] {
  const power = 2 ** Math.floor(Math.log2(heads));
  return Array.from({ length: heads }, (_, i) =>
    i < power ? 2 ** ((-8 * (i + 1)) / power) : 2 ** ((-4 * (2 * (i - power) + 1)) / power),
  );
}

/** The bias of the query heads that stand at place `head` of their group: `[batch or 1, keyHeads, 1, new or past]`. */
export function alibiOf(
  context: BlockContext,
  { slopes, scale, rounded }: Alibi,
  part: { keyHeads: number; group: number; head: number; keys: 'new' | 'past' },
): Value {
  const { g } = context;
  const own = Float32Array.from(
    { length: part.keyHeads },
    (_, i) => slopes[i * part.group + part.head] ?? Number.NaN,
  );
  const slope = g.constant(floatTensor([part.keyHeads, 1, 1], own));
  const position = g.unsqueeze(g.cast(keyPositions(context, part.keys), 'float32'), [1, 2]);
  const round = (x: Value): Value => (rounded ? g.roundToBfloat16(x) : x);
  const bias = round(g.mul(round(slope), round(position)));
  return scale === 1 ? bias : g.mul(bias, scale);
}

// A key's position is the number of real tokens before it: Σ mask − 1, past ones included.
function keyPositions(context: BlockContext, keys: 'new' | 'past'): Value {
  const { g, mask, past } = context;
  return once(context, `key-positions/${keys}`, () => {
    if (keys === 'new') {
      const own = g.sub(g.cumSum(mask, 1), 1);
      return past ? g.add(own, g.sum(past.mask, [1], true)) : own;
    }
    if (!past) throw new Bug('VF930', 'positions of a past that is not there');
    return g.sub(g.cumSum(past.mask, 1), 1);
  });
}
