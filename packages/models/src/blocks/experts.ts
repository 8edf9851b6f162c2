import type { BlockContext } from '@vflair/core/contract';
import { dimOf, flattenedDim, type Graph, type Value } from '@vflair/core/graph';

/** How a router chooses among experts. */
export interface Routing {
  readonly experts: number;
  /** Experts stand in so many groups, of which the best are open to a token. */
  readonly groups: number;
  readonly openGroups: number;
  /** Experts a token is sent to. */
  readonly chosen: number;
  /** Whether the weights of the chosen are divided by their sum. */
  readonly normalised: boolean;
  /** Factor on the weights. */
  readonly scale: number;
}

// Lower than any score, so that no expert of a closed group is among the best.
const closed = -3.4028234663852886e38;

/**
 * Weights of all experts for each row of `logits` `[rows, experts]`: scale·σ(logit) for the chosen (divided by their sum
 * if `normalised`), 0 for all others. A group's score is the sum of its two best; `bias` `[experts]` takes part in
 * choosing only. DeepSeek-AI 2024, arXiv:2412.19437, §2.1.2.
 */
export function routerWeights(
  g: Graph,
  { logits, bias }: { readonly logits: Value; readonly bias: Value },
  routing: Routing,
): Value {
  const scores = g.sigmoid(logits);
  const wanted = g.stopGradient(g.add(scores, bias));
  const [, indices] = g.topK(openOnly(g, wanted, routing), routing.chosen);
  const chosen = g.gatherElements(scores, indices, -1);
  const shares = routing.normalised
    ? g.div(chosen, g.add(g.sum(chosen, [-1], true), 1e-20))
    : chosen;
  const updates = routing.scale === 1 ? shares : g.mul(shares, routing.scale);
  return g.scatterElementsAdd(g.zerosLike(scores), indices, { updates, axis: -1 });
}

/** `wanted` with the experts of closed groups out of reach. */
function openOnly(g: Graph, wanted: Value, { experts, groups, openGroups }: Routing): Value {
  const rows = dimOf(wanted, 0);
  const apart = g.reshape(wanted, [rows, groups, experts / groups]);
  const [best] = g.topK(apart, 2);
  const groupScores = g.sum(best, [-1]);
  const [values, open] = g.topK(groupScores, openGroups);
  const ones = g.add(g.mul(values, 0), 1);
  const marks = g.scatterElementsAdd(g.zerosLike(groupScores), open, { updates: ones, axis: -1 });
  const isOpen = g.unsqueeze(g.greater(marks, 0), [-1]);
  return g.reshape(g.where(isOpen, apart, closed), [rows, experts]);
}

/** Σₑ weightₑ·expertₑ(x) for rows `x` `[batch, seq, hidden]` and `weights` `[rows, experts]`; each expert sees all rows. */
export function mixExperts(
  { g }: BlockContext,
  x: Value,
  { weights, expert }: { readonly weights: Value; readonly expert: (k: number, x: Value) => Value },
): Value {
  const rows = g.reshape(x, [flattenedDim(x, [0, 1]), dimOf(x, 2)]);
  const count = Number(dimOf(weights, 1));
  const columns = g.split(
    weights,
    Array.from({ length: count }, () => 1),
    -1,
  );
  const sum = columns
    .map((weight, k) => g.mul(expert(k, rows), weight))
    .reduce((total, one) => g.add(total, one));
  return g.reshape(sum, x.shape);
}
