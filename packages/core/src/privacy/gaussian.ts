import { Bug } from '../text/index.js';
import { smallestPositiveWhere } from './bisect.js';
import { millsRatio, normalCdf, normalDensity } from './normal.js';

/** A Gaussian release: sensitivity Δ in the Euclidean norm and noise σ per coordinate. */
export interface GaussianRelease {
  readonly sensitivity: number;
  readonly sigma: number;
}

/**
 * δ(ε) of a Gaussian release: Φ(a) − e^ε·Φ(b) with a = μ/2 − ε/μ, b = −μ/2 − ε/μ, μ = Δ/σ. Because
 * e^ε·φ(b) = φ(a), this is φ(a)·(m(−a) − m(−b)) with the Mills ratio m: no large exponential is ever formed.
 * Source: Balle & Wang 2018, arXiv:1805.06530, theorem 8.
 */
export function gaussianDelta(epsilon: number, release: GaussianRelease): number {
  checkEpsilon(epsilon);
  const mu = separation(release);
  const a = mu / 2 - epsilon / mu;
  const tail = millsRatio(mu / 2 + epsilon / mu);
  const delta =
    a < 0 ? normalDensity(a) * (millsRatio(-a) - tail) : normalCdf(a) - normalDensity(a) * tail;
  return Math.min(Math.max(delta, 0), 1);
}

/** The smallest σ whose release with sensitivity Δ is (ε, δ)-private: the analytic Gaussian mechanism, for every ε ≥ 0. */
export function gaussianSigma(epsilon: number, delta: number, sensitivity: number): number {
  checkEpsilon(epsilon);
  checkDelta(delta);
  // δ depends on Δ/σ only, so the search is for Δ = 1.
  const unit = smallestPositiveWhere(
    (sigma) => gaussianDelta(epsilon, { sensitivity: 1, sigma }) <= delta,
  );
  return unit * sensitivity;
}

/** The smallest ε ≥ 0 at which a release is (ε, δ)-private. */
export function gaussianEpsilon(delta: number, release: GaussianRelease): number {
  checkDelta(delta);
  if (gaussianDelta(0, release) <= delta) return 0;
  return smallestPositiveWhere((epsilon) => gaussianDelta(epsilon, release) <= delta);
}

/** μ = Δ/σ: how many standard deviations apart two neighbouring releases can be; throws VF972 unless both are positive. */
export function separation({ sensitivity, sigma }: GaussianRelease): number {
  const mu = sensitivity / sigma;
  if (!(sensitivity > 0 && sigma > 0 && Number.isFinite(mu) && mu > 0)) {
    throw new Bug(
      'VF972',
      `sensitivity ${sensitivity} and noise ${sigma} make no Gaussian release`,
    );
  }
  return mu;
}

function checkEpsilon(epsilon: number): void {
  if (!(epsilon >= 0 && Number.isFinite(epsilon))) throw new Bug('VF972', `${epsilon} is no ε`);
}

function checkDelta(delta: number): void {
  if (!(delta > 0 && delta < 1)) throw new Bug('VF972', `${delta} is no δ between 0 and 1`);
}
