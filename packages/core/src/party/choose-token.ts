import { indexOfLargest, type Random } from '../tensor/index.js';
import { at } from '../text/index.js';

/** How the next token is drawn from logits. */
export interface Sampling {
  /** Divides the logits; 0 takes the most likely token, the first of equals. */
  readonly temperature: number;
  /** Only the k most likely tokens. */
  readonly topK?: number;
  /** Only the most likely tokens that together make up this mass, at least one. */
  readonly topP?: number;
}

/** The token that is generated from logits `[vocabulary]`; draws one number from `random` unless temperature is 0. */
export function chooseToken(
  logits: Float32Array<ArrayBufferLike>,
  { temperature, topK, topP }: Sampling,
  random: Random,
): number {
  if (temperature === 0) return indexOfLargest(logits);
  const ranked = Array.from(logits, (logit, token) => ({ token, logit })).sort(
    (a, b) => b.logit - a.logit || a.token - b.token,
  );
  const kept = ranked.slice(0, topK ?? ranked.length);
  const top = at(kept, 0).logit;
  const weights = kept.map(({ logit }) => Math.exp((logit - top) / temperature));
  const nucleus = weights.slice(0, nucleusSize(weights, topP ?? 1));
  return at(kept, drawn(nucleus, random.uniform())).token;
}

/** How many of the descending weights make up the share `mass` of their sum. */
function nucleusSize(weights: readonly number[], mass: number): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let sum = 0;
  const last = weights.findIndex((weight) => {
    sum += weight;
    return sum >= mass * total;
  });
  return last < 0 ? weights.length : last + 1;
}

/** Index in proportion to the weights; `uniform` in [0, 1). */
function drawn(weights: readonly number[], uniform: number): number {
  let left = uniform * weights.reduce((sum, weight) => sum + weight, 0);
  const found = weights.findIndex((weight) => {
    left -= weight;
    return left < 0;
  });
  return found < 0 ? weights.length - 1 : found;
}
