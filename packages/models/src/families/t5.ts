import {
  type BlockContext,
  type BlockOutput,
  defineFamily,
  type EmbedInput,
  type HeadKind,
  type ModelConfig,
  type ModelSpec,
  type StreamShape,
  type Values,
} from '@vflair/core/contract';
import type { Value } from '@vflair/core/graph';
import { finding, present } from '@vflair/core/text';
import { activation } from '../blocks/activation.js';
import { keyValueCache } from '../blocks/attention.js';
import { configReader, labelCount } from '../blocks/config.js';
import { contradiction, padTokenOf } from '../blocks/decoder-config.js';
import { rowAt } from '../blocks/decoder-head.js';
import { embedding } from '../blocks/embedding.js';
import { layerOf } from '../blocks/layer.js';
import { linear } from '../blocks/linear.js';
import { headLoss } from '../blocks/loss.js';
import { bucketTable } from '../blocks/relative-buckets.js';
import { targetInputs } from '../blocks/shifted-targets.js';
import { type T5Sizes, t5Block, t5Targets } from '../blocks/t5-block.js';
import { t5Parameters } from '../blocks/t5-parameters.js';

/** T5: encoder and decoder with bucketed relative positions and unscaled scores. Raffel et al. 2020, arXiv:1910.10683. */
export default defineFamily({
  id: 't5',
  title: 'T5',
  paper: 'Raffel et al. 2020, arXiv:1910.10683',
  modelTypes: ['t5'],
  architecture: 'encoder',
  heads: ['seq2seq', 'cls', 'reg', 'qa'],
  blocks: (config) => {
    const { encoder, decoder } = blockCounts(config);
    return encoder + decoder;
  },
  read: (config, head, labels) =>
    describe(readConfig(config), head, labelCount(config, head, labels)),
});

function blockCounts(config: ModelConfig): { readonly encoder: number; readonly decoder: number } {
  const read = configReader(config, 't5');
  const encoder = read.count('num_layers', 'num_hidden_layers');
  return { encoder, decoder: read.optionalCount('num_decoder_layers') ?? encoder };
}

function readConfig(config: ModelConfig) {
  const read = configReader(config, 't5');
  read.only('is_encoder_decoder', [true]);
  read.only('is_decoder', [false]);
  const tied = read.flag('tie_word_embeddings', true);
  const buckets = {
    count: read.optionalCount('relative_attention_num_buckets') ?? 32,
    maxDistance: read.optionalCount('relative_attention_max_distance') ?? 128,
  };
  for (const isBidirectional of [true, false]) bucketTable({ ...buckets, isBidirectional });
  const padToken = padTokenOf(config, 't5', 0) ?? 0;
  const sizes: T5Sizes = {
    ...blockCounts(config),
    hidden: read.count('d_model', 'hidden_size'),
    heads: read.count('num_heads', 'num_attention_heads'),
    headSize: read.count('d_kv', 'head_dim'),
    inner: read.count('d_ff'),
    vocabulary: read.count('vocab_size'),
    epsilon: read.number('layer_norm_epsilon', 1e-6),
    buckets,
    ...readFeedForward(config),
  };
  return {
    ...sizes,
    tied,
    // Versions before 5.17 of transformers have no flag of its own for this: there it goes with tying.
    scaled: read.flag('scale_decoder_outputs', tied),
    positions: read.optionalCount('n_positions') ?? 512,
    padToken,
    endToken: read.optionalCount('eos_token_id') ?? 1,
    start: read.optionalCount('decoder_start_token_id') ?? padToken,
  };
}

type Config = ReturnType<typeof readConfig>;

/** `relu`, `gated-silu`, …: the activation, and whether a second map is gated by it; `gated-gelu` means the tanh form. */
function readFeedForward(config: ModelConfig): Pick<T5Sizes, 'activation' | 'isGated'> {
  const read = configReader(config, 't5');
  const named = read.text('feed_forward_proj', 'relu');
  const [, gate, word = ''] = /^(gated-)?([^-]+)$/.exec(named) ?? [];
  const isGated = gate !== undefined;
  const name = named === 'gated-gelu' ? 'gelu_new' : word;
  if (word === '')
    throw finding(
      'VF530',
      `\`feed_forward_proj\` in config.json is "${named}"`,
      'write an activation, or `gated-` and an activation',
    );
  if (read.flag('is_gated_act', isGated) !== isGated || read.text('dense_act_fn', name) !== name)
    throw contradiction(
      `\`feed_forward_proj\` is ${named}, \`is_gated_act\` and \`dense_act_fn\` say something else`,
    );
  return { activation: activation(name), isGated };
}

function describe(config: Config, head: HeadKind, labels: number): ModelSpec {
  const isPooled = head === 'cls' || head === 'reg';
  const prefix = isPooled ? 'transformer.' : '';
  const { encoder, decoder, hidden } = config;
  const table = `${prefix}shared.weight`;
  const output = config.tied ? table : 'lm_head.weight';
  return {
    family: 't5',
    architecture: 'encoder',
    head,
    blocks: encoder + decoder,
    hidden,
    vocabulary: config.vocabulary,
    maxLength: config.positions,
    padToken: config.padToken,
    hasTokenTypes: false,
    labels,
    pooling: isPooled ? 'last-token' : 'none',
    cache: (block) => (block < encoder ? [] : keyValueCache(config.heads * config.headSize)),
    embeddingKey: table,
    defaultTargets: t5Targets(config, prefix),
    parameters: t5Parameters(config, { prefix, head, labels, tied: config.tied }),
    aliases: (key) => aliases(prefix, key),
    ...streams(config),
    ...targetInputs({ ...config, head }),
    companions: {
      at: (block) => companionsAt(config, block),
      embed: (input) => embedTargets(input, table),
    },
    tokens: (input, ids) => embedding(input, table, ids),
    embed: (_, tokens) => tokens,
    block: (context, index, stream) => block(context, { config, prefix, index, stream }),
    final: (context, stream) =>
      layerOf(context, `${prefix}decoder.`, encoder + decoder).rmsNorm(
        'final_layer_norm',
        stream,
        config.epsilon,
      ),
    logits: (context, stream, pooled) => logits(context, { config, head, output, stream, pooled }),
    ...headLoss(head),
  };
}

/** Blocks are counted over the encoder and then the decoder, whose stream is as long as its targets. */
function streams({ encoder, hidden }: Config): Required<Pick<ModelSpec, 'stream' | 'finalName'>> {
  return {
    stream: (block) =>
      block < encoder
        ? { name: `enc.hidden.${block}`, shape: ['batch', 'seq', hidden] }
        : { name: `dec.hidden.${block - encoder}`, shape: ['batch', 'target', hidden] },
    finalName: 'dec.hidden.final',
  };
}

// Beside the encoder's stream goes what the decoder will begin with; beside the decoder's, what the encoder ended with.
function companionsAt({ encoder, decoder, hidden }: Config, block: number): StreamShape[] {
  if (block < encoder) return [{ name: 'decoder', shape: ['batch', 'target', hidden] }];
  if (block === encoder + decoder) return [];
  return [{ name: 'encoder', shape: ['batch', 'seq', hidden] }];
}

function embedTargets(input: EmbedInput, table: string): Values {
  const ids = input.input('decoder_input_ids', 'int64', ['batch', 'target']);
  const decoder = embedding(input, table, ids);
  input.observe('dec.hidden.0', decoder);
  return { decoder };
}

function block(
  context: BlockContext,
  at: {
    readonly config: Config;
    readonly prefix: string;
    readonly index: number;
    readonly stream: Value;
  },
): BlockOutput {
  const { config, prefix, index } = at;
  const result = t5Block(context, { sizes: config, prefix, index }, at.stream);
  if (index !== config.encoder - 1) return result;
  // The encoder ends: its output goes along, and the decoder's stream becomes the residual stream.
  const final = layerOf(context, `${prefix}encoder.`, index).rmsNorm(
    'final_layer_norm',
    result.hidden,
    config.epsilon,
  );
  context.observe(`enc.hidden.${config.encoder}`, result.hidden);
  context.observe('enc.hidden.final', final);
  const hidden = present(context.companions.decoder, 'the stream of the decoder');
  return { hidden, cache: {}, companions: { encoder: final } };
}

function logits(
  context: BlockContext,
  at: {
    readonly config: Config;
    readonly head: HeadKind;
    readonly output: string;
    readonly stream: Value;
    readonly pooled: Value | undefined;
  },
): Value {
  const { g, parameters } = context;
  const { config, head, stream, pooled } = at;
  if (head === 'seq2seq') {
    const scaled = config.scaled ? g.mul(stream, config.hidden ** -0.5) : stream;
    return linear(g, parameters, scaled, { weight: at.output });
  }
  const map = (name: string, x: Value): Value =>
    linear(g, parameters, x, { weight: `${name}.weight`, bias: `${name}.bias` });
  if (head === 'qa') return map('qa_outputs', stream);
  const row = rowAt(context, stream, present(pooled, 'pooled'));
  return map('classification_head.out_proj', g.tanh(map('classification_head.dense', row)));
}

/** Files of other heads have another prefix; the oldest ones name the table after a stack. */
function aliases(prefix: string, key: string): string[] {
  const isBase = /^(transformer\.)?(shared|encoder|decoder)\./.test(key);
  if (!isBase) return [];
  const bare = key.slice(prefix.length);
  const names =
    bare === 'shared.weight'
      ? [bare, 'encoder.embed_tokens.weight', 'decoder.embed_tokens.weight']
      : [bare];
  return names.flatMap((name) => [name, `transformer.${name}`]).filter((name) => name !== key);
}
