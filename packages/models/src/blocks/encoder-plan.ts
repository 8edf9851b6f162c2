import type { EmbedInput, ModelConfig, ModelSpec } from '@vflair/core/contract';
import type { Value } from '@vflair/core/graph';
import { finding } from '@vflair/core/text';
import { activation } from './activation.js';
import { configReader } from './config.js';

/** Sizes that every post-norm encoder states under the same names. */
export type EncoderSizes = ReturnType<typeof encoderSizes>;

/** Checkpoint keys of the linear maps and norms of one encoder layer. */
export interface LayerKeys {
  readonly query: string;
  readonly key: string;
  readonly value: string;
  readonly attentionOutput: string;
  readonly attentionNorm: string;
  readonly inner: string;
  readonly output: string;
  readonly outputNorm: string;
}

/** A post-norm encoder of one family: its sizes, what its parts are called, and where its positions come from. */
export interface EncoderPlan {
  readonly family: ModelSpec['family'];
  readonly sizes: EncoderSizes;
  /** Width of the embeddings; `widen` maps it to the width of the blocks. */
  readonly width: number;
  readonly widen?: string;
  /** Longest text in tokens. */
  readonly maxLength: number;
  /** Rows of the table of positions, int64 `[batch, seq]`. */
  readonly positions: (input: EmbedInput) => Value;
  /** Row of the table of positions whose gradient is always zero. */
  readonly positionPadding?: number;
  readonly prefix: string;
  /** The layers that block i applies one after another; several blocks may name the same ones. */
  readonly layers: (block: number) => readonly LayerKeys[];
  /** The two maps of a classification head: dense, then tanh, then one value per class. */
  readonly classifier: { readonly dense: string; readonly output: string };
  /**
   * The masked-language-model head: dense, activation, norm, then the embedding table and `bias`; where these are not
   * tied, the map `decoder` with a bias of its own, which older checkpoints store as `bias`.
   */
  readonly mlm: {
    readonly dense: string;
    readonly norm: string;
    readonly bias: string;
    readonly decoder: string;
    readonly activation: EncoderSizes['activation'];
  };
}

/** Reads the sizes of a post-norm encoder; Findings VF523, VF530–VF532 name what is wrong. */
export function encoderSizes(config: ModelConfig, family: string) {
  const read = configReader(config, family);
  read.only('is_decoder', [false]);
  read.only('add_cross_attention', [false]);
  read.only('position_embedding_type', ['absolute']);
  read.only('problem_type', ['single_label_classification', 'regression']);
  const hidden = read.count('hidden_size');
  const heads = read.count('num_attention_heads');
  if (hidden % heads !== 0) {
    throw finding(
      'VF523',
      `\`hidden_size\` ${hidden} is not a multiple of \`num_attention_heads\` ${heads}`,
      'correct config.json',
    );
  }
  return {
    hidden,
    heads,
    blocks: read.count('num_hidden_layers'),
    vocabulary: read.count('vocab_size'),
    positions: read.count('max_position_embeddings'),
    types: read.count('type_vocab_size'),
    inner: read.count('intermediate_size'),
    epsilon: read.number('layer_norm_eps', 1e-12),
    activation: activation(read.text('hidden_act', 'gelu')),
    tied: read.flag('tie_word_embeddings', true),
    padToken: read.optionalCount('pad_token_id'),
  };
}

/** Key of the table of token embeddings. */
export function tableKey({ prefix }: EncoderPlan): string {
  return `${prefix}embeddings.word_embeddings.weight`;
}

/** Keys of a layer as BERT and its closest relatives name its parts. */
export function bertLayerKeys(key: string): LayerKeys {
  return {
    query: `${key}.attention.self.query`,
    key: `${key}.attention.self.key`,
    value: `${key}.attention.self.value`,
    attentionOutput: `${key}.attention.output.dense`,
    attentionNorm: `${key}.attention.output.LayerNorm`,
    inner: `${key}.intermediate.dense`,
    output: `${key}.output.dense`,
    outputNorm: `${key}.output.LayerNorm`,
  };
}
