import type { ModelConfig } from '@vflair/core/contract';
import type { Graph, Value } from '@vflair/core/graph';
import { finding } from '@vflair/core/text';
import { activation } from './activation.js';
import { configReader } from './config.js';
import type { DecoderSizes } from './decoder.js';

/** Sizes of a decoder with grouped key heads and a feed-forward part. */
export interface DecoderConfig extends DecoderSizes {
  readonly heads: number;
  readonly keyHeads: number;
  readonly headSize: number;
  readonly inner: number;
  readonly epsilon: number;
  readonly activation: (g: Graph, x: Value) => Value;
}

/** What a family takes where a config doesn't say. */
export interface DecoderDefaults {
  /** Number of key heads; as many as query heads when absent, and where the config says null. */
  readonly keyHeads?: number;
  /** hidden/heads when absent. */
  readonly headSize?: number;
  readonly epsilon?: number;
  readonly tied?: boolean;
  readonly positions?: number;
  /** Padding token of a config that leaves it out (one that says null has none). */
  readonly padToken?: number;
  readonly activation?: string;
  /** Where the activation's name stands. */
  readonly activationKey?: string;
}

/** Reads the fields that families after LLaMA share, under transformers' names. */
export function readDecoderConfig(
  config: ModelConfig,
  family: string,
  defaults: DecoderDefaults = {},
): DecoderConfig {
  const read = configReader(config, family);
  read.only('is_causal', [true]);
  const hidden = read.count('hidden_size');
  const heads = read.count('num_attention_heads');
  const keyHeads =
    read.optionalCount('num_key_value_heads') ??
    (config.num_key_value_heads === null ? heads : (defaults.keyHeads ?? heads));
  const headSize =
    read.optionalCount('head_dim') ?? defaults.headSize ?? Math.floor(hidden / heads);
  if (keyHeads === 0 || heads % keyHeads !== 0)
    throw contradiction(
      `\`num_attention_heads\` ${heads} is not a multiple of \`num_key_value_heads\` ${keyHeads}`,
    );
  if (headSize === 0) throw contradiction('`head_dim` is 0');
  const named = read.text(defaults.activationKey ?? 'hidden_act', defaults.activation ?? 'silu');
  return {
    hidden,
    heads,
    keyHeads,
    headSize,
    blocks: read.count('num_hidden_layers'),
    vocabulary: read.count('vocab_size'),
    positions: read.optionalCount('max_position_embeddings') ?? defaults.positions ?? 2048,
    inner: read.count('intermediate_size'),
    epsilon: read.number('rms_norm_eps', defaults.epsilon ?? 1e-6),
    activation: activation(named),
    tied: read.flag('tie_word_embeddings', defaults.tied ?? false),
    padToken: padTokenOf(config, family, defaults.padToken),
  };
}

/** The padding token of a config; `fallback` where it leaves it out, none where it says null. */
export function padTokenOf(
  config: ModelConfig,
  family: string,
  fallback?: number,
): number | undefined {
  const named = config.pad_token_id === undefined ? fallback : undefined;
  return configReader(config, family).optionalCount('pad_token_id') ?? named;
}

/** A number > 0 or none; `fallback` where the config leaves it out, none where it says null. */
export function optionalSize(
  config: ModelConfig,
  family: string,
  { name, fallback }: { readonly name: string; readonly fallback?: number },
): number | undefined {
  const value = configReader(config, family).optionalNumber(name);
  if (value !== undefined && value <= 0) throw contradiction(`\`${name}\` is ${value}`);
  return value ?? (config[name] === undefined ? fallback : undefined);
}

/** What block `index` sees of `windows`. */
export function windowOf(
  windows: readonly (number | undefined)[],
  index: number,
): { readonly window?: number } {
  const window = windows[index];
  return window === undefined ? {} : { window };
}

/** Windows of Qwen: with `use_sliding_window`, in the layers from `max_window_layers` (`from` when absent) on. */
export function lateWindows(
  config: ModelConfig,
  family: string,
  blocks: number,
  from = 28,
): readonly (number | undefined)[] {
  const read = configReader(config, family);
  const isUsed = read.flag('use_sliding_window', false);
  const size = optionalSize(config, family, { name: 'sliding_window', fallback: 4096 });
  const window = isUsed ? size : undefined;
  const first = read.optionalCount('max_window_layers') ?? from;
  return blockWindows(config, { family, blocks, window }, (index) =>
    window !== undefined && index >= first ? 'sliding_attention' : 'full_attention',
  );
}

/**
 * How many keys each block sees: `window` in blocks of type `sliding_attention`, all in those of type `full_attention`.
 * Types are `layer_types`, or `fallback` of the block's number. Throws Findings VF532 for another type, VF523 where types
 * and sizes don't fit.
 */
export function blockWindows(
  config: ModelConfig,
  { family, blocks, window }: { family: string; blocks: number; window: number | undefined },
  fallback: (index: number) => 'sliding_attention' | 'full_attention',
): readonly (number | undefined)[] {
  const types =
    configReader(config, family).words('layer_types') ??
    Array.from({ length: blocks }, (_, i) => fallback(i));
  if (types.length !== blocks)
    throw contradiction(`\`layer_types\` names ${types.length} of ${blocks} layers`);
  return types.map((type) => {
    if (type === 'full_attention') return undefined;
    if (type !== 'sliding_attention')
      throw finding(
        'VF532',
        `layer type \`${type}\` is one the ${family} family does not compute`,
        'it computes full_attention, sliding_attention',
      );
    if (window === undefined || window === 0)
      throw contradiction('`layer_types` names sliding layers, and there is no `sliding_window`');
    return window;
  });
}

/** VF523: what a config says twice, differently. */
export function contradiction(message: string): Error {
  return finding('VF523', message, 'correct config.json');
}
