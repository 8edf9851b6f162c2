import type { Graph, Value } from '../graph/index.js';
import type { Random, Tensor } from '../tensor/index.js';
import type { Fields, Params } from './fields.js';
import type { Goal, GuessOf } from './guess.js';
import type { SightKey, View } from './view.js';

/** Named tensors. */
export type Tensors = { readonly [name: string]: Tensor };

/** A compiled graph: feed inputs by name, get outputs by name. Shapes may change from call to call where the graph is symbolic. */
export interface Executable {
  readonly run: (inputs: Tensors) => Promise<Tensors>;
}

/** A graph an attack wants to run: declares its inputs and returns its outputs by name. */
export type GraphBuilder = (g: Graph) => { readonly [output: string]: Value };

/** A graph with gradients: besides its outputs, `d<name>` = ∂(sum of `of`)/∂(input `name`) for each name in `wrt`. */
export interface CompileOptions {
  readonly of?: string;
  readonly wrt?: readonly string[];
}

/** What an attack is given besides its View: no clock, disk, network or object of the victim. */
export interface AttackContext<F extends Fields> {
  readonly params: Params<F>;
  /** Independent of every random stream of the victim. */
  readonly rng: Random;
  readonly signal: AbortSignal;
  readonly progress: (done: number, of: number) => void;
  readonly compile: (build: GraphBuilder, options?: CompileOptions) => Promise<Executable>;
  /** What the attack before this one in the chain guessed. */
  readonly previous?: GuessOf[Goal];
}

/** An attack: declares what it needs, gets no more, returns a Guess and never sees a score. */
export interface AttackDefinition<
  F extends Fields = Fields,
  Need extends SightKey = SightKey,
  Want extends SightKey = SightKey,
  G extends Goal = Goal,
> {
  readonly kind: 'attack';
  readonly id: string;
  readonly title: string;
  readonly paper: string;
  readonly version: string;
  readonly needs: readonly Need[];
  readonly wants: readonly Want[];
  readonly guesses: G;
  /** Topologies it makes sense in; empty for all. */
  readonly topologies: readonly ('head-tail' | 'head-body-tail')[];
  /** Heads it can read; empty for all. */
  readonly architectures: readonly ('encoder' | 'decoder')[];
  readonly params: F;
  run(view: View<Need, Want>, context: AttackContext<F>): Promise<GuessOf[G]> | GuessOf[G];
}

type AttackInput<
  F extends Fields,
  Need extends SightKey,
  Want extends SightKey,
  G extends Goal,
> = Omit<
  AttackDefinition<F, Need, Want, G>,
  'kind' | 'version' | 'wants' | 'topologies' | 'architectures'
> &
  Partial<
    Pick<AttackDefinition<F, Need, Want, G>, 'version' | 'wants' | 'topologies' | 'architectures'>
  >;

/** Completes an attack's declaration; the type of `view` is exactly what `needs` and `wants` name. */
export function defineAttack<
  const F extends Fields,
  const Need extends SightKey,
  const G extends Goal,
  const Want extends SightKey = never,
>(attack: AttackInput<F, Need, Want, G>): AttackDefinition<F, Need, Want, G> {
  return {
    version: '0.1.0',
    wants: [],
    topologies: [],
    architectures: [],
    ...attack,
    kind: 'attack',
  };
}
