import type { AttackContext, Executable, Fields, Tensors } from '@vflair/core/contract';
import type { Graph } from '@vflair/core/graph';
import { asFloat, type FloatTensor, floatTensor, intTensor, zeros } from '@vflair/core/tensor';
import { at, present } from '@vflair/core/text';
import type { InversionView } from './inversion.js';
import { type Adaptation, adaptationTo, distances, expected } from './match.js';

/** What the head's blocks remember of the tokens so far, by graph input. */
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
    const none = rememberedBy(this.#view).map(({ name, entry }) => {
      const shape = entry.kind === 'rows' ? [1, 0, ...entry.shape] : [1, ...entry.shape];
      return [name, zeros(shape)] as const;
    });
    return { length: 0, cache: new Map(none) };
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
    const fresh = await this.#extend.run(stepInputs(prefix, [id]));
    const length = prefix.length + 1;
    const longer = rememberedBy(this.#view).map(({ name, entry }) => {
      const added = asFloat(present(fresh[name]));
      if (entry.kind === 'state') return [name, added] as const;
      const grown = [...present(prefix.cache.get(name)).data, ...added.data];
      return [name, floatTensor([1, length, ...entry.shape], Float32Array.from(grown))] as const;
    });
    return { length, cache: new Map(longer) };
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
  const past = Array.from({ length: head.blocks }, (_, block) => {
    const own = rememberedBy({ head }).filter((remembered) => remembered.block === block);
    const values = own.map(({ name, entry }) => {
      const shape = [1, ...(entry.kind === 'rows' ? ['past'] : []), ...entry.shape];
      return [entry.name, g.input(name, 'float32', shape)] as const;
    });
    return Object.fromEntries(values);
  });
  return head.step(g, next, past);
}

function cacheGraph(g: Graph, view: InversionView) {
  const { rows } = stepGraph(g, view);
  const fresh = rememberedBy(view).map(
    ({ name, block, entry }) => [name, present(at(rows, block)[entry.name], name)] as const,
  );
  return Object.fromEntries(fresh);
}

/** Everything the head's blocks remember of a prefix, with the name of its graph input. */
function rememberedBy({ head }: Pick<InversionView, 'head'>) {
  return Array.from({ length: head.blocks }, (_, block) =>
    head.cache(block).map((entry) => ({ block, entry, name: `past.${entry.name}.${block}` })),
  ).flat();
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
