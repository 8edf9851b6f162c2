import type { PipelinePlan } from '../contract/index.js';
import type { Provider } from '../session/index.js';
import type { Places } from './library.js';

/** What a party is told when it opens: the plan, which party it is, and how it may run. */
export interface PartyOrder {
  readonly kind: 'party';
  readonly pipeline: PipelinePlan;
  readonly party: string;
  readonly places: Places;
  readonly threads: number;
  /** Providers of the party's device as the host found them; the party looks for itself when absent. */
  readonly providers?: readonly Provider[];
  /** For checks: gathers gradients without training, starts adapters away from zero. */
  readonly probing: boolean;
  /** For an answer to somebody's own prompt: the data party opens no rows. */
  readonly rowless?: boolean;
}

/** One stored message as an attack's worker reads it: bytes on disk, rows picked, lengths. */
export interface StoredMessage {
  readonly phase: 'train' | 'test' | 'generate';
  readonly step: number;
  /** At generation, where messages of several passes are shown: which sequence it is of. */
  readonly request?: number;
  readonly file: string;
  readonly shape: readonly number[];
  /** Rows of the message that are shown, in this order. */
  readonly rows: readonly number[];
  /** Real positions of each shown row. */
  readonly lengths: readonly number[];
}

/** How an attack is run besides as it is: without knowing the defense, or with a head of the wrong weights. */
export interface AttackVariant {
  readonly name: 'adaptive' | 'static' | 'wrong-head' | 'decoy';
  readonly knowsDefense: boolean;
  readonly head: 'granted' | 'wrong';
}

/** What an attacker's worker is told: one attack of the plan on stored messages. No truth, no victim object. */
export interface AttackOrder {
  readonly kind: 'attack';
  readonly pipeline: PipelinePlan;
  /** Index into the pipeline's attacks. */
  readonly attack: number;
  readonly variant: AttackVariant;
  readonly places: Places;
  readonly threads: number;
  readonly activations: readonly StoredMessage[];
  readonly gradients: readonly StoredMessage[];
  readonly responses: readonly StoredMessage[];
  /** Public rows the adversary holds, disjoint from the victim's; empty without an auxiliary statement. */
  readonly auxiliary: readonly (readonly number[])[];
  /** Trained tensors of the victim's head, for an adversary that knows the exact one; "" when nothing was trained. */
  readonly trainedHead: string;
}

/** Judge's question to a worker: how far the head's output on given tokens is from what was sent. */
export interface ResidualOrder {
  readonly kind: 'residual';
  readonly attack: AttackOrder;
  /** Each is measured by itself: the guess and the truth. */
  readonly texts: readonly ShownTokens[];
}

/** Judge's question to a worker: which token's embedding is nearest to each position of what was sent. */
export interface ReadOutOrder {
  readonly kind: 'read-out';
  readonly pipeline: PipelinePlan;
  readonly places: Places;
  readonly threads: number;
  readonly activations: readonly StoredMessage[];
}

/** Tokens of the shown rows, by message and row; padded rows are cut to their lengths. */
export type ShownTokens = readonly (readonly (readonly number[])[])[];

/** Anything a worker can be opened for. */
export type Order = PartyOrder | JudgedOrder;

/** An attack, or a measurement of the Judge: one command, and an answer. */
export type JudgedOrder = AttackOrder | ResidualOrder | ReadOutOrder;
