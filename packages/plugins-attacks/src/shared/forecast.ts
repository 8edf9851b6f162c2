import type { Target } from './prefix-scorer.js';

/** A candidate that was tried: its distance, and what the head would send for it, `[hidden]`. */
export interface Tried {
  readonly id: number;
  readonly distance: number;
  readonly sent: Float32Array;
}

/**
 * Foretells what the head would send for every token of the vocabulary after some prefix, from what it sent for all of
 * them after another one: M(x, v) ≈ M(x′, v) + shift. The shift, which all tokens share to first order, is learnt from
 * the few candidates that were really tried. Only an order of trying comes from this: what is accepted is measured.
 */
export class Forecast {
  #table: Float32Array = new Float32Array();
  readonly #shift: Float32Array;

  constructor(readonly width: number) {
    this.#shift = new Float32Array(width);
  }

  /** Whether the whole vocabulary was tried at least once. */
  get isReady(): boolean {
    return this.#table.length > 0;
  }

  /** Starts over from what was sent for every token, `[vocabulary, hidden]`. */
  replace(table: Float32Array): void {
    this.#table = table;
    this.#shift.fill(0);
  }

  /** The `count` ids outside `done` that are foretold to come nearest to the target, nearest first. */
  nearest(target: Target, count: number, done: ReadonlySet<number>): number[] {
    const distances = this.#distances(target);
    const bar = distances.toSorted()[Math.min(count + done.size, distances.length) - 1] ?? 0;
    const ids: number[] = [];
    distances.forEach((distance, id) => {
      if (distance <= bar && !done.has(id)) ids.push(id);
    });
    const order = (id: number): number => distances[id] ?? 0;
    return ids.sort((a, b) => order(a) - order(b)).slice(0, count);
  }

  /** Learns the shift from the best of the candidates that were tried. */
  correct(tried: readonly Tried[]): void {
    const best = tried.toSorted((a, b) => a.distance - b.distance).slice(0, 4);
    for (let j = 0; j < this.width; j++) {
      const gaps = best.map(
        ({ id, sent }) => (sent[j] ?? 0) - (this.#table[id * this.width + j] ?? 0),
      );
      this.#shift[j] = gaps.reduce((sum, gap) => sum + gap, 0) / Math.max(best.length, 1);
    }
  }

  #distances({ received, shrink, coordinates }: Target): Float32Array {
    const { width } = this;
    const table = this.#table;
    const wanted = received.data.map((x, j) => x / shrink - (this.#shift[j] ?? 0));
    const distances = new Float32Array(table.length / width);
    for (let id = 0, row = 0; id < distances.length; id++, row += width) {
      let sum = 0;
      for (let i = 0; i < coordinates.length; i++) {
        // Inside by construction; a check per element would double the time.
        const j = coordinates[i] as number;
        const gap = (table[row + j] as number) - (wanted[j] as number);
        sum += gap * gap;
      }
      distances[id] = sum;
    }
    return distances;
  }
}
