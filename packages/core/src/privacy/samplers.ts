import type { Random } from '../tensor/index.js';

/** Laplace noise of scale b: density e^(−|x|/b)/2b, variance 2b². */
export function sampleLaplace(random: Random, scale: number): number {
  const size = -scale * Math.log(1 - random.uniform());
  return random.uniform() < 0.5 ? -size : size;
}

/** Gamma(shape, rate) for shape ≥ 1: mean shape/rate. Source: Marsaglia & Tsang 2000, doi:10.1145/358407.358414. */
export function sampleGamma(random: Random, shape: number, rate: number): number {
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal();
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    const accept = 0.5 * x * x + d - d * v + d * Math.log(v);
    if (Math.log(1 - random.uniform()) < accept) return (d * v) / rate;
  }
}

/**
 * Noise with density ∝ e^(−η·‖z‖) in `dimension` coordinates: a uniform direction times a radius Gamma(d, η), which
 * gives d_χ-privacy η·d(x, x′). Source: Feyisetan et al. 2020, arXiv:1910.08902.
 */
export function sampleMetricNoise(random: Random, dimension: number, eta: number): Float64Array {
  const direction = Float64Array.from({ length: dimension }, () => random.normal());
  const radius = sampleGamma(random, dimension, eta);
  const length = Math.sqrt(direction.reduce((sum, x) => sum + x * x, 0));
  return direction.map((x) => (radius * x) / length);
}
