import type { ReleaseClaim } from './claim.js';
import { composeBasic, composeGaussian } from './composition.js';
import { separation } from './gaussian.js';
import { normalCdf } from './normal.js';

/**
 * Largest total variation distance between the releases of two neighbouring rows, 0 to 1; null where nothing is
 * claimed. One or more Gaussian releases: 2Φ(μ/2) − 1, which is attained. Any other (ε, δ) claim:
 * 1 − 2(1 − δ)/(1 + e^ε), from the hypothesis-testing region. Source: Kairouz, Oh & Viswanath 2015, arXiv:1311.0776.
 */
export function totalVariation(claim: ReleaseClaim, releases = 1): number | null {
  const { mechanism, epsilon, delta, sensitivity, scale } = claim;
  if (mechanism === 'none') return null;
  if (releases === 0) return 0;
  if (mechanism === 'gaussian' && sensitivity !== null && scale !== null) {
    const mu = separation(composeGaussian({ sensitivity, sigma: scale }, releases));
    return 2 * normalCdf(mu / 2) - 1;
  }
  if (epsilon === null) return null;
  const total = composeBasic({ epsilon, delta: delta ?? 0 }, releases);
  const shrunk = Math.exp(-total.epsilon);
  return Math.min((1 - shrunk + 2 * total.delta * shrunk) / (1 + shrunk), 1);
}

/**
 * The best balanced accuracy that any use of a release can reach over `classes` classes whose rows are neighbours:
 * (1 + (k − 1)·TV)/k. For two classes and one Gaussian release this is Φ(Δ/2σ).
 */
export function accuracyCeiling(variation: number, classes = 2): number {
  // Σ_c P_c(A_c) ≤ P_0(A_0) + Σ_{c≠0} (P_0(A_c) + TV) = 1 + (k − 1)·TV for a partition A.
  return (1 + (classes - 1) * variation) / classes;
}
