import { accuracyCeiling, totalVariation } from './ceiling.js';
import type { ReleaseClaim } from './claim.js';
import { type Budget, composeBasic, composedGaussianEpsilon } from './composition.js';

/** How a claim was used in a run. */
export interface ClaimUse {
  readonly claim: ReleaseClaim;
  /** Hook point: a token is a unit at `embedding` only. */
  readonly point: string;
  /** Releases of one row's text: epochs + evaluations, or passes of a generation. */
  readonly releases: number;
  /** Whether the run changes weights. */
  readonly trains: boolean;
  /** Whether the head's own weights stay as they were (adapters on body and tail only). */
  readonly headFrozen: boolean;
}

/** What may be said about privacy: a composed ε and δ, or the reason why none is claimed. */
export interface PrivacyStatement {
  readonly mechanism: ReleaseClaim['mechanism'];
  readonly unit: string;
  readonly neighbouring: string;
  readonly releases: number;
  readonly perRelease: { readonly epsilon: number | null; readonly delta: number | null };
  readonly epsilon: number | null;
  readonly delta: number | null;
  /** Best balanced accuracy of two classes from one release, and from all of them where an ε is claimed. */
  readonly ceiling: number | null;
  readonly ceilingOfAll: number | null;
  /** Begins with "none: " where nothing is claimed, otherwise "". */
  readonly reason: string;
  readonly notes: readonly string[];
  /** The statement in one line. */
  readonly text: string;
}

/** The neighbouring relation of a release of one row's text. */
export const oneTextReplaced = "one row's text replaced, same length, same label, lengths public";

/** Belongs to every statement about a run that can be repeated from its seed. */
export const simulationNote =
  'seeded noise is a simulation: who knows the seed can take the noise off; in a deployment the seed comes from the system and stays with the data party';

const labelNote = 'labels are not covered: they need a mechanism and a composition of their own';

/**
 * The line of the ledger for one claim and its use. An ε is stated for inference, or for training with a frozen head;
 * Gaussian releases compose exactly at the claim's δ, all others by summing.
 */
export function privacyStatement(use: ClaimUse): PrivacyStatement {
  const { claim, releases } = use;
  const reason = whyNone(use);
  const total = reason === '' ? composed(claim, releases) : null;
  const all = total === null ? null : totalVariation(claim, releases);
  const one = totalVariation(claim);
  return {
    mechanism: claim.mechanism,
    unit: claim.unit,
    neighbouring: claim.neighbouring,
    releases,
    perRelease: { epsilon: claim.epsilon, delta: claim.delta },
    epsilon: total?.epsilon ?? null,
    delta: total?.delta ?? null,
    ceiling: one === null ? null : accuracyCeiling(one),
    ceilingOfAll: all === null ? null : accuracyCeiling(all),
    reason,
    notes: claim.mechanism === 'none' ? [] : [simulationNote, labelNote],
    text: total === null ? reason : claimed(claim, total, releases),
  };
}

function whyNone({ claim, point, trains, headFrozen }: ClaimUse): string {
  if (claim.mechanism === 'none' || claim.epsilon === null)
    return 'none: the mechanism claims nothing';
  if (claim.unit === 'token' && point !== 'embedding') {
    return 'none: blocks mix tokens, so a token is no unit after the embedding';
  }
  if (trains && !headFrozen) return 'none: the head was trained on clean rows';
  return '';
}

function composed(claim: ReleaseClaim, releases: number): Budget {
  const { mechanism, epsilon, delta, sensitivity, scale } = claim;
  const exact = mechanism === 'gaussian' && releases > 1;
  if (exact && delta !== null && sensitivity !== null && scale !== null) {
    const release = { sensitivity, sigma: scale };
    return { epsilon: composedGaussianEpsilon(delta, release, releases), delta };
  }
  return composeBasic({ epsilon: epsilon ?? 0, delta: delta ?? 0 }, releases);
}

function claimed(claim: ReleaseClaim, total: Budget, releases: number): string {
  const each = releases === 1 ? '' : `, ${releases} releases of ε ${short(claim.epsilon ?? 0)}`;
  return `ε ${short(total.epsilon)}, δ ${short(total.delta)} per ${claim.unit}${each}; ${claim.neighbouring}; seeded noise is a simulation`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
