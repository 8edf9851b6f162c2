import type { BlockContext } from '@vflair/core/contract';
import type { Dim, Value } from '@vflair/core/graph';
import { intTensor } from '@vflair/core/tensor';
import { finding } from '@vflair/core/text';

/** How distances between positions are sorted into buckets that share a bias. Raffel et al. 2020, arXiv:1910.10683, §2.1. */
export interface Buckets {
  readonly count: number;
  /** From here on all distances are one bucket. */
  readonly maxDistance: number;
  /** Whether keys after the query have buckets of their own (else they all share bucket 0). */
  readonly isBidirectional: boolean;
}

const single = Math.fround;

/**
 * Bucket of each distance key − query from −maxDistance to maxDistance: `[2·maxDistance + 1]`. Half of a direction's n
 * buckets hold one distance each; the rest grow logarithmically: n/2 + ⌊ln(d/(n/2))/ln(max/(n/2))·(n − n/2)⌋, in float32 as the
 * reference computes it. Throws Findings VF523 for numbers that leave no such buckets.
 */
export function bucketTable({ count, maxDistance, isBidirectional }: Buckets): number[] {
  const own = isBidirectional ? Math.floor(count / 2) : count;
  const exact = Math.floor(own / 2);
  if (exact === 0 || maxDistance <= exact)
    throw finding(
      'VF523',
      `${count} buckets do not reach to distance ${maxDistance}`,
      'correct `relative_attention_num_buckets` or `relative_attention_max_distance`',
    );
  const bucketOf = (distance: number): number => {
    if (distance < exact) return distance;
    const grown = single(
      single(Math.log(single(distance / exact))) / single(Math.log(maxDistance / exact)),
    );
    return Math.min(exact + Math.trunc(single(grown * (own - exact))), own - 1);
  };
  return Array.from({ length: 2 * maxDistance + 1 }, (_, i) => {
    const ahead = i - maxDistance;
    if (ahead <= 0) return bucketOf(maxDistance - i);
    return isBidirectional ? own + bucketOf(ahead) : 0;
  });
}

/** Sizes of the axes of queries and keys, and how many keys come before the first query. */
export interface BucketSpan {
  readonly queries: Dim;
  readonly keys: Dim;
  /** int64 `[1]`; 0 when absent. */
  readonly before?: Value;
}

/** The bias stored under `key` `[buckets, heads]` for each pair of positions: `[1, heads, queries, keys]`. */
export function bucketBias(
  { g, parameters }: BlockContext,
  { key, buckets }: { readonly key: string; readonly buckets: Buckets },
  { queries, keys, before }: BucketSpan,
): Value {
  const { maxDistance } = buckets;
  const table = bucketTable(buckets);
  const first = g.range(queries);
  const i = g.unsqueeze(before ? g.add(first, before) : first, [1]);
  const distance = g.sub(g.unsqueeze(g.range(keys), [0]), i);
  const near = g.max(g.min(distance, maxDistance), -maxDistance);
  const bucket = g.gather(g.constant(intTensor([table.length], table)), g.add(near, maxDistance));
  const bias = g.gather(parameters.weight(key), bucket);
  return g.unsqueeze(g.transpose(bias, [2, 0, 1]), [0]);
}
