import type { Graph, Value } from '../graph/index.js';
import type { FloatTensor, IntTensor } from '../tensor/index.js';
import type { Phase } from './message.js';
import type { BlockCache, CacheEntry } from './module.js';

/** One message as an adversary holds it: no row identity, no truth. `mask` int64 `[batch, seq]`, 1 = token (lengths are public). */
export interface SeenMessage {
  readonly phase: Phase;
  readonly step: number;
  /** At generation: which sequence it continues; the receiver keeps that sequence's cache, so it knows. */
  readonly request?: number;
  readonly tensor: FloatTensor;
  readonly mask: IntTensor;
}

/** Tokens that follow a prefix: ids, positions and mask, int64 `[batch, new]`. */
export interface NextTokens {
  readonly ids: Value;
  readonly positions: Value;
  readonly mask: Value;
}

/**
 * The head slice as the adversary knows it: exact (what the victim runs) or pretrained (what it started from).
 * Its functions add nodes to the attacker's own graph; weights are constants there.
 */
export interface HeadKnowledge {
  readonly provenance: 'exact' | 'pretrained' | 'wrong';
  readonly architecture: 'encoder' | 'decoder';
  readonly hidden: number;
  readonly vocabulary: number;
  readonly blocks: number;
  /** What block i of the head remembers of a prefix. */
  readonly cache: (block: number) => readonly CacheEntry[];
  /** Input embedding table `[vocabulary, width]`; the width is `hidden` in most families. */
  readonly embedding: FloatTensor;
  /** Token embeddings `[batch, seq, width]` (before positions and norms) and mask int64 `[batch, seq]` → what the head sends. */
  readonly forward: (g: Graph, tokens: Value, mask: Value) => Value;
  /** New tokens after a prefix → hidden of the new positions and their cache rows. Decoders only. */
  readonly step: (
    g: Graph,
    next: NextTokens,
    past: readonly BlockCache[],
  ) => { readonly hidden: Value; readonly rows: readonly BlockCache[] };
}

/** The task's end of the model as the adversary knows it: hidden after the body → logits. */
export interface TailKnowledge {
  readonly provenance: 'exact' | 'pretrained';
  readonly forward: (g: Graph, hidden: Value, mask: Value) => Value;
}

/** What the tokenizer tells anyone who has it. */
export interface TokenizerKnowledge {
  readonly vocabulary: number;
  /** Ids that never stand for a user's own token (padding, separators, …). */
  readonly special: readonly number[];
  /** Ids every sequence begins and ends with, if any. */
  readonly prefix: readonly number[];
  readonly suffix: readonly number[];
}

/** A defense the adversary knows: its plugin and parameters (never its random numbers). */
export interface DefenseKnowledge {
  readonly point: 'forward-out' | 'backward-out';
  readonly id: string;
  readonly params: { readonly [name: string]: unknown };
}

/** Public rows as ids, lengths by mask. */
export interface AuxiliaryRows {
  readonly ids: readonly (readonly number[])[];
}

/** Everything that could ever be granted. A View is a frozen pick of it. */
export interface Sight {
  /** H1: what the head sent. */
  readonly activations: readonly SeenMessage[];
  /** G2 (or, in head-tail, the gradient of the logits). */
  readonly gradients: readonly SeenMessage[];
  /** H2 at generation, or the logits in head-tail. */
  readonly responses: readonly SeenMessage[];
  readonly head: HeadKnowledge;
  readonly tail: TailKnowledge;
  readonly embedding: FloatTensor;
  readonly tokenizer: TokenizerKnowledge;
  readonly defense: readonly DefenseKnowledge[];
  readonly auxiliary: AuxiliaryRows;
}

/** A key an attack may declare. */
export type SightKey = keyof Sight;

/** What an attack with these declarations gets: needs are there, wants may be. */
export type View<Need extends SightKey, Want extends SightKey> = {
  readonly [K in Need]: Sight[K];
} & {
  readonly [K in Want]?: Sight[K];
};
