import type { BlockContext } from '@vflair/core/contract';
import { dimOf, multiplyDims, type Value } from '@vflair/core/graph';
import { at } from '@vflair/core/text';
import { type Alibi, alibiOf } from './alibi.js';
import { once } from './once.js';

/** Which keys a query may see, and what is added to their scores. */
export interface Visibility {
  /** Nobody sees ahead: j ≤ i. */
  readonly causal: boolean;
  /** How many keys a query sees, itself included: i − window < j, and j < i + window where it sees ahead. All when absent. */
  readonly window?: number;
  readonly alibi?: Alibi;
}

/** Query heads that share a key head, and how many key heads there are. */
export interface Grouping {
  readonly keyHeads: number;
  readonly group: number;
}

/**
 * Added to a score that must not count: the most negative float32, as transformers does, so that a row without any
 * admissible key averages over all of them instead of becoming NaN.
 */
export const never = -3.4028234663852886e38;

/**
 * What is added to the scores of new keys: 0 or the alibi where query i may see key j, else the most negative float32;
 * `[batch, 1 or keyHeads, 1 or group·seq, seq]`. Computed once per graph.
 */
export function newBias(context: BlockContext, visible: Visibility, grouping: Grouping): Value {
  const { g, mask } = context;
  return once(context, nameOf('new', visible, grouping), () => {
    const seen = [g.unsqueeze(g.equal(mask, 1), [1, 2])];
    const places = g.range(dimOf(mask, 1));
    const [i, j] = [g.unsqueeze(places, [1]), g.unsqueeze(places, [0])];
    if (visible.causal) seen.push(g.less(j, g.add(i, 1)));
    if (visible.window !== undefined) {
      seen.push(g.less(i, g.add(j, visible.window)));
      if (!visible.causal) seen.push(g.less(j, g.add(i, visible.window)));
    }
    return scoreBias(context, seen, { visible, grouping, keys: 'new' });
  });
}

/** The same for cached keys, which come before all new ones: `[batch or 1, 1 or keyHeads, 1 or group·seq, past]`. */
export function pastBias(
  context: BlockContext,
  past: Value,
  { visible, grouping }: { readonly visible: Visibility; readonly grouping: Grouping },
): Value {
  const { g, mask } = context;
  return once(context, nameOf('past', visible, grouping), () => {
    const seen = [g.unsqueeze(g.equal(past, 1), [1, 2])];
    if (visible.window !== undefined) {
      const i = g.unsqueeze(g.add(g.range(dimOf(mask, 1)), g.sizeAt(past, 1)), [1]);
      const j = g.unsqueeze(g.range(dimOf(past, 1)), [0]);
      seen.push(g.less(i, g.add(j, visible.window)));
    }
    return scoreBias(context, seen, { visible, grouping, keys: 'past' });
  });
}

/** Queries of a group stand one head after the other along the rows, so each head's bias does too. */
function scoreBias(
  context: BlockContext,
  seen: readonly Value[],
  parts: { visible: Visibility; grouping: Grouping; keys: 'new' | 'past' },
): Value {
  const { g, mask } = context;
  const { grouping, visible, keys } = parts;
  const may = seen.reduce((a, b) => g.and(a, b));
  const { alibi } = visible;
  if (!alibi) {
    const bias = g.where(may, 0, never);
    const isPerRow = dimOf(bias, 2) !== 1;
    return isPerRow ? stacked(context, grouping, () => bias) : bias;
  }
  const rows = g.unsqueeze(g.cast(g.mul(g.range(dimOf(mask, 1)), 0), 'float32'), [1]);
  return stacked(context, grouping, (head) => {
    const added = alibiOf(context, alibi, { ...grouping, head, keys });
    return g.where(may, grouping.group === 1 ? added : g.add(added, rows), never);
  });
}

function stacked({ g }: BlockContext, { group }: Grouping, biasOf: (head: number) => Value): Value {
  const parts = Array.from({ length: group }, (_, head) => biasOf(head));
  const first = at(parts, 0);
  if (group === 1) return first;
  // The rows are named as the queries' are: group·seq.
  const shape = first.shape.map((dim, i) => (i === 2 ? multiplyDims([group, dim]) : dim));
  return at(g.node('Concat', parts, [{ dtype: 'float32', shape }], { axis: 2 }), 0);
}

function nameOf(
  keys: string,
  { causal, window, alibi }: Visibility,
  { group, keyHeads }: Grouping,
): string {
  const alibiName = alibi ? `${alibi.name}/${keyHeads}` : 'none';
  return ['bias', keys, causal, window, group, alibiName].join('/');
}
