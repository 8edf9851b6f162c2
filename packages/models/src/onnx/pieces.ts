import type { GraphContext, ParameterPlace } from '@vflair/core/contract';
import type { Graph, Value } from '@vflair/core/graph';
import { at, Bug, present } from '@vflair/core/text';
import { neededFor } from './dependence.js';
import type { InputKind } from './ends.js';
import type { Foreign } from './foreign-value.js';
import { castInput, type OnnxPlan } from './plan.js';
import { replay, valueIn } from './replay.js';

/** A piece of a model: from some of its values to another. */
export interface Piece {
  readonly from: readonly string[];
  readonly to: string;
  readonly place: ParameterPlace;
}

/** The pieces of a model in order: lookup, embedding, blocks, what is behind the last one, head. */
export interface Pieces {
  readonly tokens: Piece;
  readonly embed: Piece;
  readonly blocks: readonly Piece[];
  readonly final: Piece;
  readonly logits: Piece;
}

/** Cuts a model into pieces; `stream` is what its head reads. */
export function piecesOf({ cuts, ids, embedding, output }: OnnxPlan, stream: string): Pieces {
  const { places } = cuts;
  const blocks = places
    .slice(0, -1)
    .map((name, i) => ({ from: [name], to: at(places, i + 1), place: i }));
  const end = at(places, places.length - 1);
  return {
    tokens: { from: [ids], to: embedding.result, place: 'embed' },
    embed: { from: [ids, embedding.result], to: at(places, 0), place: 'embed' },
    blocks,
    final: { from: [end], to: stream, place: 'output' },
    logits: { from: [stream], to: output, place: 'output' },
  };
}

/** The constants a piece reads, by their names in the file. */
export function readBy(plan: OnnxPlan, { from, to }: Piece): ReadonlySet<string> {
  const { sizes, model } = plan;
  return neededFor(model, to, { given: new Set(from), sizes }).sources;
}

/** What a piece is built with. */
export type PieceContext = GraphContext & { readonly mask: Value };

/** Replays pieces of one model; values that no token moves are computed once per graph. */
export class Player {
  readonly #plan: OnnxPlan;
  readonly #fixed = new WeakMap<Graph, Map<string, Foreign>>();

  constructor(plan: OnnxPlan) {
    this.#plan = plan;
  }

  /** Adds a piece to the graph: what it comes from, in the piece's order, gives what it goes to. */
  play(context: PieceContext, piece: Piece, from: readonly (Value | undefined)[]): Value {
    const { g, parameters } = context;
    const fixed = this.#fixed.get(g) ?? new Map<string, Foreign>();
    this.#fixed.set(g, fixed);
    const { model, inputs: kinds } = this.#plan;
    const input = (name: string): Value => {
      const kind = present(kinds.get(name), name);
      if (kind === 'ids') throw new Bug('VF933', `a piece up to \`${piece.to}\` asks for the ids`);
      return castInput(model, g, { name, value: inputOf(context, kind) });
    };
    const given = piece.from.flatMap((name, i): [string, Foreign][] => {
      const value = from[i];
      return value ? [[name, value]] : [];
    });
    const scene = { g, parameters, input, fixed };
    const found = replay(this.#plan, scene, { target: piece.to, given: new Map(given) });
    return valueIn(scene, found, piece.to);
  }
}

function inputOf(context: PieceContext, kind: InputKind): Value {
  return kind === 'mask' ? context.mask : context.input(kind, 'int64', ['batch', 'seq']);
}
