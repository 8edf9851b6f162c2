import type {
  BlockContext,
  BlockOutput,
  CacheEntry,
  HeadKind,
  ModelSpec,
  ParameterSpec,
} from '@vflair/core/contract';
import type { Graph, Value } from '@vflair/core/graph';
import { type DecoderHead, decoderHead } from './decoder-head.js';
import { embedding } from './embedding.js';
import { type Layer, layerOf } from './layer.js';
import { headLoss } from './loss.js';

/** Sizes every decoder has. */
export interface DecoderSizes {
  readonly blocks: number;
  readonly hidden: number;
  readonly vocabulary: number;
  /** Longest text the config promises. */
  readonly positions: number;
  readonly padToken: number | undefined;
  /** Whether the output matrix is the embedding table. */
  readonly tied: boolean;
}

/** How a family calls its parts in a checkpoint. */
export interface DecoderNames {
  /** Prefix of the base model, with its dot. */
  readonly prefix: string;
  /** Inside the base model: the embedding table, and the blocks before their number. */
  readonly table: string;
  readonly blocks: string;
}

/** A decoder: its sizes, names and head, and the mathematics of its blocks. */
export interface Decoder extends Pick<DecoderHead, 'output' | 'classifier' | 'pooling' | 'around'> {
  readonly family: string;
  readonly head: HeadKind;
  readonly labels: number;
  readonly sizes: DecoderSizes;
  readonly names: DecoderNames;
  /** Whether looking up the padding token gives its row no gradient. */
  readonly hasPaddingRow: boolean;
  readonly cache: readonly CacheEntry[];
  /** Maps of block `index` that LoRA adapts by default, by their names in it. */
  readonly targets: (index: number) => readonly string[];
  /** Parameters of block `index` under the prefix `key`, and those after the last block under the base prefix. */
  readonly blockParameters: (key: string, index: number) => readonly ParameterSpec[];
  readonly finalParameters: (prefix: string) => readonly ParameterSpec[];
  /** What happens to token embeddings before block 0; nothing when absent. */
  readonly embed?: (g: Graph, tokens: Value) => Value;
  readonly block: (context: BlockContext, layer: Layer, hidden: Value) => BlockOutput;
  readonly final: (layer: Layer, hidden: Value) => Value;
}

/** The ModelSpec of a decoder. */
export function decoderSpec(decoder: Decoder): ModelSpec {
  const { sizes, names, head, labels } = decoder;
  const table = `${names.prefix}${names.table}.weight`;
  const layers = Array.from({ length: sizes.blocks }, (_, i) => layerKey(names, i));
  const output = decoderHead({ ...decoder, ...sizes, table });
  const padding = decoder.hasPaddingRow ? sizes.padToken : undefined;
  return {
    family: decoder.family,
    architecture: 'decoder',
    head,
    blocks: sizes.blocks,
    hidden: sizes.hidden,
    vocabulary: sizes.vocabulary,
    maxLength: sizes.positions,
    padToken: sizes.padToken,
    hasTokenTypes: false,
    labels,
    pooling: output.pooling,
    cache: () => decoder.cache,
    embeddingKey: table,
    defaultTargets: layers.flatMap((key, i) =>
      decoder.targets(i).map((name) => `${key}${name}.weight`),
    ),
    parameters: [
      tableSpec(decoder, table, padding),
      ...layers.flatMap((key, i) => decoder.blockParameters(key, i)),
      ...decoder.finalParameters(names.prefix),
      ...output.parameters,
    ],
    aliases: (key) => aliases(names.prefix, key),
    tokens: (input, ids) => embedding(input, table, ids, padding),
    embed: ({ g }, tokens) => decoder.embed?.(g, tokens) ?? tokens,
    block: (context, index, hidden) =>
      decoder.block(context, layerOf(context, layerKey(names, index), index), hidden),
    final: (context, hidden) => decoder.final(layerOf(context, names.prefix, sizes.blocks), hidden),
    logits: output.logits,
    ...headLoss(head),
  };
}

function layerKey({ prefix, blocks }: DecoderNames, index: number): string {
  return `${prefix}${blocks}.${index}.`;
}

function tableSpec(
  { sizes, head }: Decoder,
  key: string,
  paddingRow: number | undefined,
): ParameterSpec {
  return {
    key,
    shape: [sizes.vocabulary, sizes.hidden],
    places: head === 'lm' && sizes.tied ? ['embed', 'output'] : ['embed'],
    init: 'normal',
    ...(paddingRow === undefined ? {} : { paddingRow }),
  };
}

/** Base-model files have no prefix; where the heads of a family differ in theirs, files of the other heads have it. */
function aliases(prefix: string, key: string): string[] {
  if (!key.startsWith(prefix)) return [];
  const bare = key.slice(prefix.length);
  return prefix === 'transformer.' ? [bare, `model.${bare}`] : [bare];
}
