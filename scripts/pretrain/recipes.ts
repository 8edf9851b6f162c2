import type { FamilyDefinition, ModelConfig } from '@vflair/core/contract';
import {
  bert,
  gpt2,
  type OptimizerOptions,
  type PositionStart,
  type TokenizerJson,
  trainByteLevelBpe,
  trainWordPiece,
} from '@vflair/models/pretrain';

/** Everything that decides what a pretrained model becomes, besides its texts, the seed and the number of steps. */
export interface Recipe {
  readonly id: string;
  readonly family: FamilyDefinition;
  readonly head: 'lm' | 'mlm';
  readonly config: ModelConfig;
  readonly vocabulary: number;
  readonly trainTokenizer: (texts: Iterable<string>, size: number) => TokenizerJson;
  readonly tokenizerConfig: { readonly [key: string]: unknown };
  /** Id that stands between documents. */
  readonly separator: number;
  /** Share of each corpus used per epoch. */
  readonly shares: { readonly [corpus: string]: number };
  readonly positions: PositionStart;
  /** Offsets that heads of an encoder's first block look at from the start. */
  readonly neighbours: readonly number[];
  readonly optimizer: OptimizerOptions;
  /** Steps of a whole run, unless asked for otherwise. */
  readonly steps: number;
  readonly warmUp: number;
  readonly coolDownShare: number;
  /** Tokens hidden per step, of {@link STEP_TOKENS}; 0 for a causal model. */
  readonly masked: number;
}

/** Tokens per step: eight windows of 256, three times in four cut into sixteen of 128. */
export const STEP_TOKENS = 2048;
/** Longest window, and the number of positions a model has. */
export const LENGTH = 256;

/** Width of an attention head. */
export const HEAD_SIZE = 32;

const VOCABULARY = 5120;
const WIDTH = 192;
const HEADS = WIDTH / HEAD_SIZE;

const tinyGpt2: Recipe = {
  id: 'tiny-gpt2',
  family: gpt2,
  head: 'lm',
  vocabulary: VOCABULARY,
  config: {
    model_type: 'gpt2',
    architectures: ['GPT2LMHeadModel'],
    n_layer: 4,
    n_embd: WIDTH,
    n_head: HEADS,
    n_inner: 4 * WIDTH,
    n_positions: LENGTH,
    activation_function: 'gelu_new',
    layer_norm_epsilon: 1e-5,
    tie_word_embeddings: true,
    pad_token_id: 0,
    bos_token_id: 1,
    eos_token_id: 1,
  },
  trainTokenizer: trainByteLevelBpe,
  tokenizerConfig: {
    tokenizer_class: 'GPT2Tokenizer',
    add_prefix_space: false,
    model_max_length: LENGTH,
    pad_token: '<|pad|>',
    bos_token: '<|endoftext|>',
    eos_token: '<|endoftext|>',
    unk_token: '<|endoftext|>',
  },
  separator: 1,
  shares: { sotu: 1, 'moby-dick': 1, 'spam-assassin-public': 0.25 },
  positions: { size: 0.02, fastest: 1 },
  neighbours: [],
  optimizer: {
    matrixRate: 4e-3,
    tokenRate: 3e-3,
    positionRate: 3e-3,
    vectorRate: 2e-3,
    weightDecay: 0.1,
  },
  steps: 3600,
  warmUp: 100,
  coolDownShare: 0.4,
  masked: 0,
};

const tinyBert: Recipe = {
  id: 'tiny-bert',
  family: bert,
  head: 'mlm',
  vocabulary: VOCABULARY,
  config: {
    model_type: 'bert',
    architectures: ['BertForMaskedLM'],
    num_hidden_layers: 4,
    hidden_size: WIDTH,
    num_attention_heads: HEADS,
    intermediate_size: 4 * WIDTH,
    max_position_embeddings: LENGTH,
    type_vocab_size: 2,
    hidden_act: 'gelu_new',
    layer_norm_eps: 1e-12,
    tie_word_embeddings: true,
    pad_token_id: 0,
  },
  trainTokenizer: (texts, size) => trainWordPiece(texts, size, true),
  tokenizerConfig: {
    tokenizer_class: 'BertTokenizer',
    do_lower_case: true,
    model_max_length: LENGTH,
    pad_token: '[PAD]',
    unk_token: '[UNK]',
    cls_token: '[CLS]',
    sep_token: '[SEP]',
    mask_token: '[MASK]',
  },
  separator: 3,
  shares: { sotu: 0.6, 'moby-dick': 1, 'spam-assassin-public': 1 },
  positions: { size: 0.06, fastest: 3 },
  neighbours: [-1, 1, -2, 2],
  optimizer: {
    matrixRate: 6e-3,
    tokenRate: 3e-3,
    positionRate: 3e-4,
    vectorRate: 3e-3,
    weightDecay: 0.1,
  },
  steps: 3600,
  warmUp: 100,
  coolDownShare: 0.4,
  masked: 640,
};

/** The models this project pretrains, by id. */
export const recipes: ReadonlyMap<string, Recipe> = new Map(
  [tinyGpt2, tinyBert].map((recipe) => [recipe.id, recipe]),
);
