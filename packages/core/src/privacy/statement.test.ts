import { expect, test } from 'vitest';
import { agree, referenceCases } from '../testing/index.js';
import { accuracyCeiling, totalVariation } from './ceiling.js';
import type { ReleaseClaim } from './claim.js';
import { composeBasic, releasesPerRow } from './composition.js';
import { gaussianEpsilon, gaussianSigma } from './gaussian.js';
import { oneTextReplaced, privacyStatement, simulationNote } from './statement.js';

function gaussianClaim(epsilon: number, delta = 1e-5): ReleaseClaim {
  return {
    mechanism: 'gaussian',
    unit: 'sequence',
    neighbouring: oneTextReplaced,
    epsilon,
    delta,
    sensitivity: 2,
    scale: gaussianSigma(epsilon, delta, 2),
  };
}

const laplaceClaim: ReleaseClaim = {
  ...gaussianClaim(1),
  mechanism: 'laplace',
  delta: 0,
  scale: 2,
};
const nothing: ReleaseClaim = { ...laplaceClaim, mechanism: 'none', epsilon: null, unit: '' };
const inference = { point: 'forward-out', releases: 1, trains: false, headFrozen: true };
const pure = referenceCases<{ kind: string; epsilon: number; releases: number }, { basic: number }>(
  'composition',
);

test.each([
  [8, 0.798],
  [16, 0.927],
  [32, 0.993],
])('at epsilon %d and delta 1e-5 no use of one release exceeds %d', (epsilon, ceiling) => {
  expect(privacyStatement({ ...inference, claim: gaussianClaim(epsilon) }).ceiling).toBeCloseTo(
    ceiling,
    3,
  );
});

test('the generic ceiling of randomised response is attained: e^ε/(1 + e^ε)', () => {
  const variation = totalVariation(laplaceClaim) ?? Number.NaN;
  expect(accuracyCeiling(variation)).toBeCloseTo(Math.E / (1 + Math.E), 12);
  expect(totalVariation(nothing)).toBeNull();
});

test('a ceiling of no distance is chance, of full distance is certainty', () => {
  for (const classes of [2, 3, 10]) {
    expect(accuracyCeiling(0, classes)).toBeCloseTo(1 / classes, 12);
    expect(accuracyCeiling(1, classes)).toBeCloseTo(1, 12);
  }
});

test('the exact Gaussian ceiling is below the generic one of the same claim', () => {
  for (const epsilon of [0.1, 1, 8, 32]) {
    const claim = gaussianClaim(epsilon);
    const generic = totalVariation({ ...claim, scale: null }) ?? 0;
    expect(totalVariation(claim) ?? 1).toBeLessThan(generic);
  }
});

test('releases compose exactly for Gaussian noise and add up for Laplace noise', () => {
  const claim = gaussianClaim(8);
  const four = privacyStatement({ ...inference, claim, releases: releasesPerRow(3, 1) });
  const asOne = { sensitivity: 4, sigma: claim.scale ?? 0 };
  expect(four.epsilon).toBeCloseTo(gaussianEpsilon(1e-5, asOne), 9);
  expect(four.epsilon).toBeLessThan(32);
  expect(privacyStatement({ ...inference, claim: laplaceClaim, releases: 6 }).epsilon).toBe(6);
  expect(privacyStatement({ ...inference, claim }).epsilon).toBe(8);
});

test.skipIf(!pure)('basic composition agrees with the recorded sums', () => {
  const rows = (pure ?? []).filter(({ inputs }) => inputs.kind === 'pure');
  expect(rows.length).toBeGreaterThan(2);
  for (const { id, inputs, expected } of rows) {
    const total = composeBasic({ epsilon: inputs.epsilon, delta: 0 }, inputs.releases);
    expect(agree(total.epsilon, expected.basic, 1e-12), id).toBe(true);
  }
});

test('no epsilon is stated when the head was trained on clean rows', () => {
  const claim = gaussianClaim(8);
  const trained = privacyStatement({ ...inference, claim, trains: true, headFrozen: false });
  expect(trained.text).toBe('none: the head was trained on clean rows');
  expect([trained.epsilon, trained.delta, trained.ceilingOfAll]).toEqual([null, null, null]);
  expect(privacyStatement({ ...inference, claim, trains: true }).epsilon).toBe(8);
});

test('no epsilon is stated for a token after the embedding or for a heuristic', () => {
  const token = { ...gaussianClaim(8), unit: 'token' };
  expect(privacyStatement({ ...inference, claim: token }).reason).toContain('blocks mix tokens');
  expect(privacyStatement({ ...inference, claim: token, point: 'embedding' }).epsilon).toBe(8);
  expect(privacyStatement({ ...inference, claim: nothing }).text).toBe(
    'none: the mechanism claims nothing',
  );
});

test('every claim says that seeded noise is a simulation and what a neighbour is', () => {
  const statement = privacyStatement({ ...inference, claim: gaussianClaim(8), releases: 6 });
  expect(statement.notes).toContain(simulationNote);
  expect(statement.text).toContain('seeded noise is a simulation');
  expect(statement.text).toContain(oneTextReplaced);
  expect(statement.text).toContain('6 releases of ε 8');
});
