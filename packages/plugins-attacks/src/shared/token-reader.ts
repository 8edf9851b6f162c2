import { Forecast, type Tried } from './forecast.js';
import type { Prefix, PrefixScorer, Target } from './prefix-scorer.js';

/** A token that may come next: its distance, and how much further the next candidate is. */
export interface Reading {
  readonly id: number;
  readonly distance: number;
  readonly margin: number;
  /** Whether it matches so exactly that it certifies itself and the whole prefix. */
  readonly isExact: boolean;
}

/** How tokens are tried; see the parameters of the attack. */
export interface ReaderOptions {
  readonly vocabulary: number;
  readonly order: 'shortlist' | 'scan';
  readonly candidates: number;
}

// Tried first, to teach the forecast; then, while an exact match is expected, in growing steps until it is found.
const lessons = [16, 64] as const;
const shortlists = [...lessons, 256, 768];

// Candidates of one run: enough to keep the cores busy, few enough to stay in the cache.
const atOnce = 1024;

// Squared, relative to what came and to the runner-up: float32 drift is 1e-10, a wrong token above 1e-4.
const exact = { ofReceived: 1e-6, ofRunnerUp: 1e-4 } as const;

/** Reads the next token after a prefix from what the head sent there; what it learns on the way makes the next reading cheaper. */
export class TokenReader {
  readonly #scorer: PrefixScorer;
  readonly #options: ReaderOptions;
  readonly #forecast: Forecast;

  constructor(scorer: PrefixScorer, width: number, options: ReaderOptions) {
    this.#scorer = scorer;
    this.#options = options;
    this.#forecast = new Forecast(width);
  }

  /**
   * The `keep` best tokens, nearest first; only one when it matches exactly. `hopeful`: all earlier ones of the row did,
   * so that one is expected here too.
   */
  async read(
    prefix: Prefix,
    target: Target,
    { keep, hopeful }: { readonly keep: number; readonly hopeful: boolean },
  ): Promise<Reading[]> {
    const { order, candidates } = this.#options;
    const tried: Tried[] = [];
    if (order === 'shortlist' && this.#forecast.isReady) {
      const isLimited = !hopeful && candidates > 0;
      const sizes = isLimited ? [...lessons, candidates - lessons[0] - lessons[1]] : shortlists;
      for (const size of sizes) {
        const found = await this.#tryNearest(prefix, target, { tried, size });
        if (found) return [found];
      }
      if (isLimited) return readings(tried, keep);
    }
    return this.#tryAll(prefix, target, keep);
  }

  async #tryNearest(
    prefix: Prefix,
    target: Target,
    { tried, size }: { readonly tried: Tried[]; readonly size: number },
  ): Promise<Reading | undefined> {
    if (size <= 0) return undefined;
    const ids = this.#forecast.nearest(target, size, new Set(tried.map(({ id }) => id)));
    if (ids.length === 0) return undefined;
    const { distances, sent } = await this.#scorer.score(prefix, ids, target);
    const width = this.#forecast.width;
    for (const [i, id] of ids.entries()) {
      const own = sent.subarray(i * width, (i + 1) * width);
      tried.push({ id, distance: distances[i] ?? 0, sent: own });
    }
    this.#forecast.correct(tried);
    return exactReading(tried, target);
  }

  async #tryAll(prefix: Prefix, target: Target, keep: number): Promise<Reading[]> {
    const { vocabulary } = this.#options;
    const { width } = this.#forecast;
    const table = new Float32Array(vocabulary * width);
    const all: Tried[] = [];
    for (let from = 0; from < vocabulary; from += atOnce) {
      const size = Math.min(atOnce, vocabulary - from);
      const ids = Array.from({ length: size }, (_, i) => from + i);
      const { distances, sent } = await this.#scorer.score(prefix, ids, target);
      table.set(sent, from * width);
      for (const [i, id] of ids.entries()) {
        const own = table.subarray(id * width, (id + 1) * width);
        all.push({ id, distance: distances[i] ?? 0, sent: own });
      }
    }
    this.#forecast.replace(table);
    const found = exactReading(all, target);
    return found ? [found] : readings(all, keep);
  }
}

function exactReading(tried: readonly Tried[], { received }: Target): Reading | undefined {
  const [best] = readings(tried, 1);
  if (!best || tried.length < 2) return undefined;
  const squares = received.data.reduce((sum, x) => sum + x * x, 0) / received.data.length;
  const isExact =
    best.distance <= exact.ofReceived * squares &&
    best.distance <= exact.ofRunnerUp * (best.distance + best.margin);
  return isExact ? { ...best, isExact } : undefined;
}

/** The nearest ones, ties to the smaller id. */
function readings(tried: readonly Tried[], keep: number): Reading[] {
  const best: Tried[] = [];
  for (const one of tried) {
    const place = best.findIndex((other) => isNearer(one, other));
    if (place === -1 && best.length > keep) continue;
    best.splice(place === -1 ? best.length : place, 0, one);
    if (best.length > keep + 1) best.pop();
  }
  return best.slice(0, keep).map(({ id, distance }, i) => {
    const next = best[i + 1]?.distance ?? Number.POSITIVE_INFINITY;
    return { id, distance, margin: next - distance, isExact: false };
  });
}

function isNearer(a: Tried, b: Tried): boolean {
  return a.distance < b.distance || (a.distance === b.distance && a.id < b.id);
}
