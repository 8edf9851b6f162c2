import type { HeadKind, ModelSpec } from '@vflair/core/contract';
import bert from '../../packages/models/src/families/bert.js';
import gpt2 from '../../packages/models/src/families/gpt2.js';

/** Sizes of a tiny model; those of the tests that look at values are even smaller than the rest. */
export interface TinySizes {
  readonly vocabulary?: number;
  readonly hidden?: number;
  readonly blocks?: number;
  readonly heads?: number;
  readonly positions?: number;
}

/** A GPT-2 with two blocks. */
export function tinyGpt2(head: HeadKind, sizes: TinySizes = {}): ModelSpec {
  const config = {
    vocab_size: sizes.vocabulary ?? 20,
    n_embd: sizes.hidden ?? 8,
    n_layer: sizes.blocks ?? 2,
    n_head: sizes.heads ?? 2,
    n_positions: sizes.positions ?? 64,
  };
  return gpt2.read(config, head, 2);
}

/** A BERT with two blocks. */
export function tinyBert(head: HeadKind, sizes: TinySizes = {}): ModelSpec {
  const hidden = sizes.hidden ?? 8;
  const config = {
    vocab_size: sizes.vocabulary ?? 20,
    hidden_size: hidden,
    num_hidden_layers: sizes.blocks ?? 2,
    num_attention_heads: sizes.heads ?? 2,
    max_position_embeddings: sizes.positions ?? 64,
    type_vocab_size: 2,
    intermediate_size: 4 * hidden,
  };
  return bert.read(config, head, 2);
}
