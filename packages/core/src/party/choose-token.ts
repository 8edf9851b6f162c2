import { indexOfLargest, type Random } from '../tensor/index.js';
import { at } from '../text/index.js';

/** How the next token is drawn from logits; the filters work in the order of the fields, each on what is left. */
export interface Sampling {
  /** Makes tokens that were there before less likely (above 1) or more (below 1). */
  readonly repetitionPenalty?: number;
  /** Divides the logits; 0 takes the most likely token, the first of equals. */
  readonly temperature: number;
  /** Only the k most likely tokens. */
  readonly topK?: number;
  /** Only the most likely tokens that together make up this mass, at least one. */
  readonly topP?: number;
  /** Only tokens at least this share as likely as the most likely one. */
  readonly minP?: number;
}

/**
 * The token that follows `before` (prompt and answer), from logits `[vocabulary]`; draws one number from `random` unless
 * temperature is 0.
 */
export function chooseToken(
  logits: Float32Array<ArrayBufferLike>,
  { temperature, topK, topP = 1, minP = 0, repetitionPenalty = 1 }: Sampling,
  random: Random,
  before: readonly number[] = [],
): number {
  const penalised = penalise(logits, before, repetitionPenalty);
  if (temperature === 0) return indexOfLargest(penalised);
  const kept = Array.from(ranked(penalised).subarray(0, topK ?? penalised.length));
  const top = penalised[at(kept, 0)] ?? 0;
  const weights = kept.map((token) => Math.exp(((penalised[token] ?? 0) - top) / temperature));
  // The first weight is 1, so a weight is its own share of the largest.
  const nucleus = weights.slice(0, nucleusSize(weights, topP)).filter((weight) => weight >= minP);
  return at(kept, drawn(nucleus, random.uniform()));
}

/** CTRL (arXiv:1909.05858, section 4.1): logits of tokens in `before` are divided by the penalty, negative ones multiplied. */
function penalise(
  logits: Float32Array<ArrayBufferLike>,
  before: readonly number[],
  penalty: number,
): Float32Array<ArrayBufferLike> {
  if (penalty === 1) return logits;
  const changed = logits.slice();
  for (const token of new Set(before)) {
    const logit = logits[token] ?? 0;
    changed[token] = logit < 0 ? logit * penalty : logit / penalty;
  }
  return changed;
}

/** Tokens from the most to the least likely, the lower of equals first. */
function ranked(logits: Float32Array<ArrayBufferLike>): Uint32Array {
  const tokens = Uint32Array.from(logits, (_, token) => token);
  return tokens.sort((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0) || a - b);
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
