import { Bug } from '../text/index.js';
import { smallestWhere } from './bisect.js';

/** A number of successes out of a number of trials. */
export interface Count {
  readonly successes: number;
  readonly trials: number;
}

// ln C(n, k) as a sum of logarithms of ratios; no factorial is formed.
function logChoose(n: number, k: number): number {
  const smaller = Math.min(k, n - k);
  let sum = 0;
  for (let i = 1; i <= smaller; i++) sum += Math.log((n - smaller + i) / i);
  return sum;
}

// Sum of the terms i = start, start ± 1, …, which fall from the first on; stops when they no longer count.
function sumOutwards(term: Term, p: number, direction: 1 | -1): number {
  const { start, trials, logWays } = term;
  const odds = p / (1 - p);
  let value = Math.exp(logWays + start * Math.log(p) + (trials - start) * Math.log1p(-p));
  let sum = 0;
  for (let i = start; i >= 0 && i <= trials && value > sum * 1e-18; i += direction) {
    sum += value;
    value *= direction === 1 ? ((trials - i) / (i + 1)) * odds : i / (trials - i + 1) / odds;
  }
  return sum;
}

// C(trials, start)·p^start·(1 − p)^(trials − start), but for the p.
interface Term {
  readonly start: number;
  readonly trials: number;
  readonly logWays: number;
}

function termAt(start: number, trials: number): Term {
  return { start, trials, logWays: logChoose(trials, start) };
}

/** P(X ≥ successes) for X ~ Binomial(trials, p). */
export function binomialTail({ successes, trials }: Count, p: number): number {
  if (successes <= 0) return 1;
  if (successes > trials || p <= 0) return 0;
  if (p >= 1) return 1;
  // Starting on the far side of the mean makes the first term the largest.
  if (successes > trials * p) return Math.min(sumOutwards(termAt(successes, trials), p, 1), 1);
  return Math.max(1 - sumOutwards(termAt(successes - 1, trials), p, -1), 0);
}

/**
 * One-sided lower bound of a rate: above the true rate with probability at most `error`, at every sample size.
 * Throws VF973 unless 0 ≤ successes ≤ trials. Source: Clopper & Pearson 1934, doi:10.1093/biomet/26.4.404.
 */
export function rateAtLeast({ successes, trials }: Count, error: number): number {
  if (!(successes >= 0 && successes <= trials)) {
    throw new Bug('VF973', `${successes} successes of ${trials} trials`);
  }
  if (successes === 0) return 0;
  const term = termAt(successes, trials);
  return smallestWhere(0, successes / trials, (p) => sumOutwards(term, p, 1) >= error);
}

/** One-sided upper bound of a rate; see {@link rateAtLeast}. */
export function rateAtMost({ successes, trials }: Count, error: number): number {
  return 1 - rateAtLeast({ successes: trials - successes, trials }, error);
}

/** Exact two-sided interval of a rate; `error` is the total of both sides. */
export function clopperPearson(
  count: Count,
  error = 0.05,
): { readonly low: number; readonly high: number } {
  return { low: rateAtLeast(count, error / 2), high: rateAtMost(count, error / 2) };
}
