/** Size of one release as a defense claims it; null where nothing is claimed. */
export interface ReleaseClaim {
  readonly mechanism: 'gaussian' | 'laplace' | 'none';
  /** `sequence`, `token`, …; "" where nothing is claimed. */
  readonly unit: string;
  /** The neighbouring relation, in words. */
  readonly neighbouring: string;
  readonly epsilon: number | null;
  readonly delta: number | null;
  /** Sensitivity Δ (L2 for Gaussian, L1 for Laplace noise) and scale (σ or b). */
  readonly sensitivity: number | null;
  readonly scale: number | null;
}
