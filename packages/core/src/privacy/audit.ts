import { at } from '../text/index.js';
import { type Count, rateAtLeast, rateAtMost } from './binomial.js';
import { normalQuantile } from './normal.js';

/** How often a test fired on releases of the one input (`hits`) and of the other (`alarms`). */
export interface AuditCounts {
  readonly hits: Count;
  readonly alarms: Count;
  readonly delta: number;
  /** Probability that a bound below is wrong, in all. */
  readonly error: number;
}

/** Lower bounds that hold with probability 1 − error; a mechanism that claims less is broken. */
export interface AuditBound {
  /** ln((TPR_low − δ)/FPR_high), at least 0. */
  readonly epsilonLow: number;
  /** Φ⁻¹(TPR_low) − Φ⁻¹(FPR_high), at least 0: for Gaussian claims, to be compared with μ = Δ/σ, and much sharper at large ε. */
  readonly muLow: number;
}

/** ε and μ that the counts rule out, by Clopper–Pearson bounds at half the error each. */
export function auditBound({ hits, alarms, delta, error }: AuditCounts): AuditBound {
  const sensitivity = rateAtLeast(hits, error / 2);
  const falseAlarm = rateAtMost(alarms, error / 2);
  const ratio = (sensitivity - delta) / falseAlarm;
  const mu = normalQuantile(sensitivity) - normalQuantile(falseAlarm);
  return {
    epsilonLow: ratio > 1 ? Math.log(ratio) : 0,
    muLow: Number.isFinite(mu) ? Math.max(mu, 0) : 0,
  };
}

/** Statistics of many releases of two worst-case inputs inside a claim's domain. */
export interface AuditSamples {
  readonly first: readonly number[];
  readonly second: readonly number[];
  readonly delta: number;
  readonly error: number;
}

/** An audit's bounds and the rule that gave them: fires where `direction·statistic > threshold`. */
export interface AuditResult extends AuditBound {
  readonly threshold: number;
  readonly direction: 1 | -1;
  readonly trials: number;
}

interface Rule {
  readonly threshold: number;
  readonly direction: 1 | -1;
}

/** The audit of a mechanism: the rule is chosen on the even-numbered releases and judged on the odd-numbered ones. */
export function audit(samples: AuditSamples, aim: keyof AuditBound = 'epsilonLow'): AuditResult {
  const chosen = half(samples, 0);
  const judged = half(samples, 1);
  let best: Rule = { threshold: 0, direction: 1 };
  let reached = -1;
  for (const rule of candidates(chosen)) {
    const bound = auditBound(counts(chosen, rule))[aim];
    if (bound <= reached) continue;
    best = rule;
    reached = bound;
  }
  return { ...auditBound(counts(judged, best)), ...best, trials: judged.first.length };
}

const candidateCount = 100;

// Quantiles of all values of both inputs, and both directions.
function* candidates({ first, second }: AuditSamples): Iterable<Rule> {
  const sorted = [...first, ...second].sort((a, b) => a - b);
  const steps = Math.min(candidateCount, sorted.length);
  for (let k = 0; k < steps; k++) {
    const value = at(sorted, Math.floor(((k + 0.5) * sorted.length) / steps));
    yield { threshold: value, direction: 1 };
    yield { threshold: -value, direction: -1 };
  }
}

function counts(samples: AuditSamples, { threshold, direction }: Rule): AuditCounts {
  const fired = (values: readonly number[]): Count => ({
    successes: values.filter((value) => direction * value > threshold).length,
    trials: values.length,
  });
  const { first, second, delta, error } = samples;
  return { hits: fired(first), alarms: fired(second), delta, error };
}

function half(samples: AuditSamples, parity: 0 | 1): AuditSamples {
  const pick = (values: readonly number[]): readonly number[] =>
    values.filter((_, i) => i % 2 === parity);
  return { ...samples, first: pick(samples.first), second: pick(samples.second) };
}
