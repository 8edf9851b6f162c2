import type { AttackContext, Fields } from '@vflair/core/contract';
import { draw, floatTensor, type Random, rows } from '@vflair/core/tensor';
import { at } from '@vflair/core/text';
import type { InversionView } from './inversion.js';
import { adaptationTo } from './match.js';
import { type Prefix, PrefixScorer, type Target } from './prefix-scorer.js';
import { realPositions, type SeenBatch } from './sequences.js';
import { type Reading, TokenReader } from './token-reader.js';

/** What a row was read as, by position of its message: tokens (0 at padding) and margins (infinite there). */
export interface RowReading {
  readonly tokens: readonly number[];
  readonly margins: readonly number[];
}

/** What reading is told besides the view. */
export interface ReadingContext extends Pick<AttackContext<Fields>, 'compile' | 'signal' | 'rng'> {
  readonly params: {
    readonly beam: number;
    readonly order: 'shortlist' | 'scan';
    readonly candidates: number;
  };
}

/** A reading of the first positions of a row. */
interface Beam extends RowReading {
  readonly prefix: Prefix;
  readonly total: number;
  /** Whether its last token matched exactly, and with it all before. */
  readonly isExact: boolean;
}

/** A beam and the token it would go on with. */
interface Step {
  readonly from: Beam;
  readonly reading: Reading;
  readonly total: number;
}

/** How large what the head sends for a position is, on average: Euclidean norm squared, and sum of sizes. */
interface Size {
  readonly squares: number;
  readonly absolutes: number;
}

/** Reads rows from the left. One reader serves all rows, since what it learns on one shortens the next. */
export class RowReader {
  readonly #view: InversionView;
  readonly #context: ReadingContext;
  readonly #scorer: PrefixScorer;
  readonly #tokens: TokenReader;
  readonly #generated: boolean;
  readonly #random: Random;
  #size: Promise<Size> | undefined;

  private constructor(
    view: InversionView,
    context: ReadingContext,
    scorer: PrefixScorer,
    generated: boolean,
  ) {
    this.#view = view;
    this.#context = context;
    this.#scorer = scorer;
    this.#generated = generated;
    this.#random = context.rng.stream('sizes');
    const { order, candidates } = context.params;
    this.#tokens = new TokenReader(scorer, view.head.hidden, {
      order,
      candidates,
      vocabulary: this.#vocabulary,
    });
  }

  /** Compiles a reader for texts that were sent whole, or `generated` position by position. */
  static async open(
    view: InversionView,
    context: ReadingContext,
    generated: boolean,
  ): Promise<RowReader> {
    const scorer = await PrefixScorer.open(view, context.compile, generated);
    return new RowReader(view, context, scorer, generated);
  }

  /** Reads one row of a batch. */
  async read(batch: SeenBatch, row: number): Promise<RowReading> {
    const real = realPositions(batch, row);
    const length = batch.mask.shape[1] ?? 0;
    const shrink = await this.#shrink(real.length);
    let beams: Beam[] = [
      {
        prefix: this.#scorer.empty,
        total: 0,
        isExact: true,
        tokens: new Array<number>(length).fill(0),
        margins: new Array<number>(length).fill(Number.POSITIVE_INFINITY),
      },
    ];
    for (const s of real) {
      this.#context.signal.throwIfAborted();
      beams = await this.#advance(beams, s, this.#target(batch, { row, s, shrink }));
    }
    return at(beams, 0);
  }

  // A table may have rows that the tokenizer never gives out.
  get #vocabulary(): number {
    return Math.min(this.#view.head.vocabulary, this.#view.tokenizer.vocabulary);
  }

  // An exact match depends on the whole prefix, so it certifies that too and ends the rivalry.
  async #advance(beams: readonly Beam[], s: number, target: Target): Promise<Beam[]> {
    const { beam } = this.#context.params;
    const rivals: Step[] = [];
    for (const from of beams) {
      const options = { keep: beam, hopeful: from.isExact };
      for (const reading of await this.#tokens.read(from.prefix, target, options)) {
        const step = { from, reading, total: from.total + reading.distance };
        if (reading.isExact) return [await this.#extend(step, s)];
        rivals.push(step);
      }
    }
    const longer: Beam[] = [];
    for (const step of rivals.sort((a, b) => a.total - b.total).slice(0, beam))
      longer.push(await this.#extend(step, s));
    return longer;
  }

  async #extend({ from, reading, total }: Step, s: number): Promise<Beam> {
    const { id, margin, isExact } = reading;
    return {
      prefix: await this.#scorer.extend(from.prefix, id),
      total,
      isExact,
      tokens: from.tokens.with(s, id),
      margins: from.margins.with(s, margin),
    };
  }

  #target(
    batch: SeenBatch,
    { row, s, shrink }: { row: number; s: number; shrink: number },
  ): Target {
    const { hidden } = this.#view.head;
    const length = batch.mask.shape[1] ?? 0;
    const flat = floatTensor([batch.rows.length * length, hidden], batch.tensor.data);
    const { data } = rows(flat, row * length + s, row * length + s + 1);
    const { sentOnly } = adaptationTo(this.#view.defense, this.#generated);
    const coordinates = [...data.keys()].filter((j) => !sentOnly || data[j] !== 0);
    return {
      received: floatTensor([1, 1, hidden], data),
      shrink,
      coordinates: Int32Array.from(coordinates),
    };
  }

  /**
   * The factor by which a clip over a whole row of `count` positions shrank it, estimated from the size of what the head
   * sends for single tokens: min(1, C/‖H‖) with ‖H‖² ≈ count·E‖h‖² (or ‖H‖₁ ≈ count·E‖h‖₁). 1 where nothing is known of
   * a clip, or where each position was clipped alone and the scorer does it.
   */
  async #shrink(count: number): Promise<number> {
    const { clip } = adaptationTo(this.#view.defense, this.#generated);
    if (!clip || clip.alone) return 1;
    this.#size ??= this.#measureSize();
    const { squares, absolutes } = await this.#size;
    const norm = clip.norm === 'l1' ? count * absolutes : Math.sqrt(count * squares);
    return Math.min(1, clip.bound / norm);
  }

  async #measureSize(): Promise<Size> {
    const ids = draw(this.#random, this.#vocabulary, 128);
    const { hidden } = this.#view.head;
    const nothing: Target = {
      received: floatTensor([1, 1, hidden], new Float32Array(hidden)),
      shrink: 1,
      coordinates: new Int32Array(),
    };
    const { sent } = await this.#scorer.score(this.#scorer.empty, ids, nothing);
    const mean = (of: (x: number) => number): number =>
      sent.reduce((sum, x) => sum + of(x), 0) / ids.length;
    return { squares: mean((x) => x * x), absolutes: mean(Math.abs) };
  }
}
