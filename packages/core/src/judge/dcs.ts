/** Attack power and model power of a defended cell, and the ideal; all 0 to 1. */
export interface DcsInput {
  readonly ap: number;
  readonly mp: number;
  /** Ideal attack power; 0 unless said otherwise. */
  readonly apIdeal?: number;
  /** Model power of the same setting without defense. */
  readonly mpIdeal: number;
  /** Weight of the model's loss against the attack's gain; ½ unless said otherwise. */
  readonly beta?: number;
}

/**
 * Defense capability score, ½ to 1 at β = ½: 1/(1 + √((1−β)·(AP − AP*)₊² + β·(MP* − MP)₊²)). Source: arXiv:2508.03097;
 * reference: VFLAIR-LLM `metrics/data_process.py`.
 */
export function dcs({ ap, mp, apIdeal = 0, mpIdeal, beta = 0.5 }: DcsInput): number {
  const leak = Math.max(0, ap - apIdeal);
  const loss = Math.max(0, mpIdeal - mp);
  return 1 / (1 + Math.sqrt((1 - beta) * leak ** 2 + beta * loss ** 2));
}

/** Attack power above its prior, on the scale from prior to certainty: (AP − prior)₊/(1 − prior); null at a prior of 1. */
export function aboveChance(ap: number, prior: number): number | null {
  return prior >= 1 ? null : Math.max(0, ap - prior) / (1 - prior);
}

/** {@link dcs} of the attack power above its prior. */
export function adjustedDcs(input: DcsInput, prior: number): number | null {
  const ap = aboveChance(input.ap, prior);
  return ap === null ? null : dcs({ ...input, ap });
}

/** Mean over the attacks of one type; null without any. */
export function tDcs(scores: readonly number[]): number | null {
  if (scores.length === 0) return null;
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
}

/** Weighted mean of {@link tDcs} over the types that were tested, weights (1 each unless given) rescaled to sum to 1. */
export function cDcs(
  byType: { readonly [type: string]: number | null },
  weights: { readonly [type: string]: number } = {},
): number | null {
  let sum = 0;
  let total = 0;
  for (const [type, score] of Object.entries(byType)) {
    if (score === null) continue;
    const weight = weights[type] ?? 1;
    sum += weight * score;
    total += weight;
  }
  return total === 0 ? null : sum / total;
}
