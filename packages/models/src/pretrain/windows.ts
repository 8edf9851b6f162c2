import { draw, type Random } from '@vflair/core/tensor';
import { at } from '@vflair/core/text';

/** A token stream and the share of its windows that is used in each epoch, in (0, 1]. */
export interface Source {
  readonly stream: Int32Array;
  readonly share: number;
}

/** Windows of `length` tokens of several streams, reshuffled and cut at another offset in each epoch. */
export class Windows {
  readonly #sources: readonly (Source & { readonly count: number; readonly used: number })[];
  readonly #length: number;
  readonly #random: Random;
  #epoch = -1;
  #order: readonly { readonly source: number; readonly start: number }[] = [];

  constructor(sources: readonly Source[], length: number, random: Random) {
    this.#length = length;
    this.#random = random;
    this.#sources = sources.map(({ stream, share }) => {
      // One window less than fits, so that every offset below `length` gives the same number.
      const count = Math.max(0, Math.floor((stream.length - length) / length));
      return { stream, share, count, used: Math.ceil(count * share) };
    });
  }

  /** Windows of one epoch. */
  get perEpoch(): number {
    return this.#sources.reduce((sum, { used }) => sum + used, 0);
  }

  /** Window number `index` = 0, 1, … of an endless row of epochs: a function of the index and the seed alone. */
  window(index: number): Int32Array {
    const epoch = Math.floor(index / this.perEpoch);
    if (epoch !== this.#epoch) this.#shuffle(epoch);
    const { source, start } = at(this.#order, index % this.perEpoch);
    return at(this.#sources, source).stream.subarray(start, start + this.#length);
  }

  #shuffle(epoch: number): void {
    const random = this.#random.stream(epoch);
    const windows = this.#sources.flatMap(({ count, used }, source) => {
      const offset = random.integer(this.#length);
      return draw(random, count, used).map((window) => ({
        source,
        start: offset + window * this.#length,
      }));
    });
    this.#order = draw(random, windows.length).map((place) => at(windows, place));
    this.#epoch = epoch;
  }
}

/** A window to evaluate: positions `[from, tokens.length)` are scored, those before are context. */
export interface ScoredWindow {
  readonly tokens: Int32Array;
  readonly from: number;
}

/**
 * Windows of at most `length` tokens that score each token of the stream but the first exactly once, with at least
 * `context` tokens before it where the stream has them.
 */
export function scoredWindows(stream: Int32Array, length: number, context: number): ScoredWindow[] {
  const windows: ScoredWindow[] = [];
  for (let scored = 1; scored < stream.length; ) {
    const start = Math.max(0, scored - context);
    const end = Math.min(stream.length, start + length);
    windows.push({ tokens: stream.subarray(start, end), from: scored - start });
    scored = end;
  }
  return windows;
}
