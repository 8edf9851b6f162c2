import type { HeadKind, ModelSpec } from '@vflair/core/contract';
import albert from '../../packages/models/src/families/albert.js';
import bert from '../../packages/models/src/families/bert.js';
import gpt2 from '../../packages/models/src/families/gpt2.js';
import mamba from '../../packages/models/src/families/mamba.js';
import roberta from '../../packages/models/src/families/roberta.js';

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

/** A Mamba with two blocks. */
export function tinyMamba(sizes: TinySizes = {}): ModelSpec {
  const config = {
    vocab_size: sizes.vocabulary ?? 20,
    hidden_size: sizes.hidden ?? 8,
    num_hidden_layers: sizes.blocks ?? 2,
    state_size: 3,
    conv_kernel: 4,
    time_step_rank: 2,
  };
  return mamba.read(config, 'lm');
}

/** A BERT with two blocks. */
export function tinyBert(head: HeadKind, sizes: TinySizes = {}): ModelSpec {
  return bert.read(encoderConfig(sizes), head, 2);
}

/** A RoBERTa with two blocks. */
export function tinyRoberta(head: HeadKind, sizes: TinySizes = {}): ModelSpec {
  return roberta.read({ ...encoderConfig(sizes), pad_token_id: 0 }, head, 2);
}

/** An ALBERT with two blocks of one group, and embeddings half as wide. */
export function tinyAlbert(head: HeadKind, sizes: TinySizes = {}): ModelSpec {
  const config = encoderConfig(sizes);
  return albert.read({ ...config, embedding_size: config.hidden_size / 2 }, head, 2);
}

function encoderConfig(sizes: TinySizes) {
  const hidden = sizes.hidden ?? 8;
  return {
    vocab_size: sizes.vocabulary ?? 20,
    hidden_size: hidden,
    num_hidden_layers: sizes.blocks ?? 2,
    num_attention_heads: sizes.heads ?? 2,
    max_position_embeddings: sizes.positions ?? 64,
    type_vocab_size: 2,
    intermediate_size: 4 * hidden,
  };
}
