import { type GaussianRelease, gaussianEpsilon } from './gaussian.js';

/** ε and δ together. */
export interface Budget {
  readonly epsilon: number;
  readonly delta: number;
}

/**
 * T Gaussian releases of one row as one: the same σ with sensitivity Δ·√T, which is exact and not a bound.
 * Source: Dong, Roth & Su 2019, arXiv:1905.02383, corollary 3.3.
 */
export function composeGaussian(release: GaussianRelease, releases: number): GaussianRelease {
  return { sigma: release.sigma, sensitivity: release.sensitivity * Math.sqrt(releases) };
}

/** ε of T Gaussian releases at a total δ. */
export function composedGaussianEpsilon(
  delta: number,
  release: GaussianRelease,
  releases: number,
): number {
  return releases === 0 ? 0 : gaussianEpsilon(delta, composeGaussian(release, releases));
}

/** T releases of any (ε, δ) mechanism: T·ε and T·δ (at most 1). */
export function composeBasic({ epsilon, delta }: Budget, releases: number): Budget {
  return { epsilon: epsilon * releases, delta: Math.min(delta * releases, 1) };
}

/** How often a training row's text is released: once per epoch and once per evaluation that includes it. */
export function releasesPerRow(epochs: number, evaluations: number): number {
  return epochs + evaluations;
}
