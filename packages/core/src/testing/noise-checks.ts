import type { DefenseDefinition, Fields, Params, Phase, PrivacyClaim } from '../contract/index.js';
import { gaussianDelta } from '../privacy/index.js';
import { type FloatTensor, floatTensor } from '../tensor/index.js';
import { present } from '../text/index.js';
import { contextOf, drawSample, positionsOf, type Sample } from './defense-sample.js';
import { demand, type KitCheck } from './kit-check.js';

// Two-sided error of a five-sigma test: 5.7e-7.
const sigmas = 5;

/** Checks of a defense that claims a mechanism: the claim adds up, the sensitivity is bounded, the noise is what it says. */
export function noiseChecks<F extends Fields>(
  defense: DefenseDefinition<F>,
  params: Params<F>,
): KitCheck[] {
  const claim = defense.claim(params);
  if (claim.mechanism === 'none') return [];
  const send = ({ tensor, mask }: Sample, phase: Phase, step = 0): FloatTensor =>
    defense.apply(tensor, contextOf(defense, params, { mask }, { phase, step }));
  const phases = ['test', 'generate'] as const;
  return [
    { name: 'its noise is enough for the ε and δ it claims', run: async () => checkClaim(claim) },
    ...phases.map(
      (phase): KitCheck => ({
        name: `two inputs can't be further apart than its sensitivity (${phase})`,
        run: async () => checkSensitivity(claim, phase, (sample) => send(sample, phase)),
      }),
    ),
    ...phases.map(
      (phase): KitCheck => ({
        name: `its noise has the mean and variance it claims, and no repetition (${phase})`,
        run: async () => {
          for (const step of [0, 7]) checkNoise(claim, (sample) => send(sample, phase, step));
        },
      }),
    ),
  ];
}

function checkClaim(claim: PrivacyClaim): void {
  const [epsilon, sensitivity, scale] = [claim.epsilon, claim.sensitivity, claim.scale].map((x) =>
    present(x, 'a number of the claim'),
  );
  if (epsilon === undefined || sensitivity === undefined || scale === undefined) return;
  if (claim.mechanism === 'laplace') {
    demand(scale * epsilon >= sensitivity * (1 - 1e-12), `b = ${scale} is less than Δ/ε`);
    return;
  }
  const delta = gaussianDelta(epsilon, { sensitivity, sigma: scale });
  demand(delta <= present(claim.delta) * (1 + 1e-6), `σ = ${scale} gives δ = ${delta}`);
}

// With one stream the noise of two inputs is the same and drops out of their difference.
function checkSensitivity(
  claim: PrivacyClaim,
  phase: Phase,
  send: (sample: Sample) => FloatTensor,
): void {
  const sample = drawSample([4, 2, 1], 16, 1e3);
  const opposite = { ...sample.tensor, data: sample.tensor.data.map((x) => -x) };
  const [one, two] = [send(sample), send({ ...sample, tensor: opposite })];
  const units = new Map<string, number>();
  positionsOf(sample).forEach(({ isReal, row, elements }, place) => {
    if (!isReal) return;
    const unit = phase === 'generate' ? `position ${place}` : `row ${row}`;
    const other = elements(two);
    const size = elements(one).reduce((sum, x, i) => {
      const gap = x - (other[i] ?? 0);
      return sum + (claim.mechanism === 'laplace' ? Math.abs(gap) : gap * gap);
    }, 0);
    units.set(unit, (units.get(unit) ?? 0) + size);
  });
  const bound = present(claim.sensitivity) * (1 + 1e-3);
  for (const [unit, size] of units) {
    const norm = claim.mechanism === 'laplace' ? size : Math.sqrt(size);
    demand(norm <= bound, `${unit}: two inputs are ${norm} apart, the claim says ${bound}`);
  }
}

function checkNoise(claim: PrivacyClaim, send: (sample: Sample) => FloatTensor): void {
  const { tensor, mask } = drawSample(new Array<number>(32).fill(32), 32);
  const zeros = floatTensor(tensor.shape, new Float32Array(tensor.data.length));
  const { data } = send({ tensor: zeros, mask });
  const count = data.length;
  const variance = checkGaps([...data], { ...claim, scale: present(claim.scale) });
  // Noise that is used twice, for the next row or the next position, correlates with itself.
  for (const lag of [1, 32, 32 * 32]) {
    const pairs = count - lag;
    const product =
      data.reduce((sum, x, i) => sum + x * (data[i + lag] ?? 0), 0) / pairs / variance;
    const bound = sigmas / Math.sqrt(pairs);
    demand(Math.abs(product) <= bound, `noise repeats after ${lag} elements (${product})`);
  }
}

/**
 * Demands that differences between what was sent and what was to be sent have the mean and the variance of the noise: 0,
 * and σ² or 2b². Returns the variance. Without noise every difference is 0.
 */
export function checkGaps(
  gaps: readonly number[],
  { mechanism, scale }: { readonly mechanism: string; readonly scale: number },
): number {
  const isLaplace = mechanism === 'laplace';
  // Variance of Laplace noise is 2b²; fourth moments are 3 (normal) and 6 (Laplace) times the variance squared.
  const variance = isLaplace ? 2 * scale * scale : scale * scale;
  const mean = gaps.reduce((sum, x) => sum + x, 0) / gaps.length;
  const limit = sigmas * Math.sqrt(variance / gaps.length);
  demand(Math.abs(mean) <= limit, `mean of the noise is ${mean}, beyond ±${limit}`);
  const square = gaps.reduce((sum, x) => sum + x * x, 0) / gaps.length;
  const slack = sigmas * Math.sqrt((isLaplace ? 5 : 2) / gaps.length);
  demand(
    Math.abs(square - variance) <= slack * variance,
    `variance is ${square}, the claimed one ${variance} (±${slack * variance})`,
  );
  return variance;
}
