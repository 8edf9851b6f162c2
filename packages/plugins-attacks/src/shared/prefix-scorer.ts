import type {
  AttackContext,
  Executable,
  Fields,
  PrefixCache,
  Tensors,
} from '@vflair/core/contract';
import type { Graph } from '@vflair/core/graph';
import { asFloat, type FloatTensor, floatTensor, intTensor } from '@vflair/core/tensor';
import { present } from '@vflair/core/text';
import type { InversionView } from './inversion.js';
import { type Adaptation, adaptationTo, distances, expected } from './match.js';

/** Keys and values of the head for the tokens so far, by graph input. */
export interface Prefix {
  readonly length: number;
  readonly cache: ReadonlyMap<string, FloatTensor>;
}

/** What came at one position, and how much the whole row was shrunk by a clip (1: not at all). */
export interface Target {
  readonly received: FloatTensor;
  readonly shrink: number;
  /** The coordinates that are compared. */
  readonly coordinates: Int32Array;
}

/** Distance of each candidate `[candidates]`, and what the head would send for it (before shrinking), `[candidates, hidden]`. */
export interface Scores {
  readonly distances: Float32Array;
  readonly sent: Float32Array;
}

/** Tries tokens after a prefix: one step of the head per candidate, with the prefix's cache shared by all of them. */
export class PrefixScorer {
  readonly #view: InversionView;
  readonly #score: Executable;
  readonly #extend: Executable | undefined;

  private constructor(view: InversionView, score: Executable, extend?: Executable) {
    this.#view = view;
    this.#score = score;
    this.#extend = extend;
  }

  /** Compiles for texts that were sent whole, or `generated` position by position. */
  static async open(
    view: InversionView,
    compile: AttackContext<Fields>['compile'],
    generated: boolean,
  ): Promise<PrefixScorer> {
    const { clip, ...rest } = adaptationTo(view.defense, generated);
    // A clip over the whole row can't be formed from one position: its factor is estimated and fed as `shrink`.
    const alone: Adaptation = clip?.alone ? { ...rest, clip } : rest;
    const score = await compile((g) => scoreGraph(g, view, alone));
    // Without blocks there is nothing to remember: what is sent depends on the token alone.
    const extend = view.head.blocks > 0 ? await compile((g) => cacheGraph(g, view)) : undefined;
    return new PrefixScorer(view, score, extend);
  }

  /** The prefix of no tokens. */
  get empty(): Prefix {
    const { blocks, cacheWidth } = this.#view.head;
    const none = floatTensor([1, 0, cacheWidth], new Float32Array());
    const names = Array.from({ length: blocks }, (_, i) => [`past.key.${i}`, `past.value.${i}`]);
    return { length: 0, cache: new Map(names.flat().map((name) => [name, none])) };
  }

  /** Scores of `ids` as the next token after `prefix`. */
  async score(prefix: Prefix, ids: readonly number[], target: Target): Promise<Scores> {
    const { distance, sent } = await this.#score.run({
      ...stepInputs(prefix, ids),
      received: target.received,
      shrink: floatTensor([1], Float32Array.of(target.shrink)),
    });
    return {
      distances: Float32Array.from(asFloat(present(distance)).data),
      sent: Float32Array.from(asFloat(present(sent)).data),
    };
  }

  /** The prefix with one more token. */
  async extend(prefix: Prefix, id: number): Promise<Prefix> {
    if (!this.#extend) return { length: prefix.length + 1, cache: prefix.cache };
    const rows = await this.#extend.run(stepInputs(prefix, [id]));
    const longer = [...prefix.cache].map(([name, { data }]) => {
      const width = this.#view.head.cacheWidth;
      const grown = new Float32Array(data.length + width);
      grown.set(data);
      grown.set(asFloat(present(rows[name])).data, data.length);
      return [name, floatTensor([1, prefix.length + 1, width], grown)] as const;
    });
    return { length: prefix.length + 1, cache: new Map(longer) };
  }
}

function stepInputs({ length, cache }: Prefix, ids: readonly number[]): Tensors {
  const column = (value: number): Tensors[string] =>
    intTensor([ids.length, 1], new Array<number>(ids.length).fill(value));
  return {
    ids: intTensor([ids.length, 1], ids),
    positions: column(length),
    mask: column(1),
    ...Object.fromEntries(cache),
  };
}

function stepGraph(g: Graph, { head }: InversionView) {
  const input = (name: string) => g.input(name, 'int64', ['batch', 1]);
  const next = { ids: input('ids'), positions: input('positions'), mask: input('mask') };
  const row = (name: string) => g.input(name, 'float32', [1, 'past', head.cacheWidth]);
  const past: PrefixCache[] = Array.from({ length: head.blocks }, (_, i) => ({
    key: row(`past.key.${i}`),
    value: row(`past.value.${i}`),
  }));
  return head.step(g, next, past);
}

function cacheGraph(g: Graph, view: InversionView) {
  const rows = stepGraph(g, view).rows.flatMap(({ key, value }, i) => [
    [`past.key.${i}`, key] as const,
    [`past.value.${i}`, value] as const,
  ]);
  return Object.fromEntries(rows);
}

function scoreGraph(g: Graph, view: InversionView, adaptation: Adaptation) {
  const { hidden } = view.head;
  const received = g.input('received', 'float32', [1, 1, hidden]);
  const shrink = g.input('shrink', 'float32', [1]);
  const one = g.constant(floatTensor([1, 1, 1], Float32Array.of(1)));
  const match = { sent: stepGraph(g, view).hidden, received, mask: one };
  const sent = expected(g, match, adaptation);
  // What is expected is already clipped where it can be, so that only the comparison is left to do.
  const { clip: _clip, ...comparison } = adaptation;
  const shrunk = { ...match, sent: g.mul(sent, shrink) };
  return {
    distance: g.squeeze(distances(g, shrunk, comparison), [1]),
    sent: g.squeeze(sent, [1]),
  };
}
