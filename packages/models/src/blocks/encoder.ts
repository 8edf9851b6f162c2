import type {
  BlockContext,
  BlockOutput,
  HeadKind,
  ModelSpec,
  ParameterSpec,
} from '@vflair/core/contract';
import type { Value } from '@vflair/core/graph';
import { embedding } from './embedding.js';
import { encoderEmbedding, encoderEmbeddingSpecs } from './encoder-embedding.js';
import { encoderHeadSpecs, encoderLogits } from './encoder-head.js';
import { encoderLayer, encoderLayerSpecs } from './encoder-layer.js';
import { type EncoderPlan, type LayerKeys, tableKey } from './encoder-plan.js';
import { headLoss } from './loss.js';

/** A post-norm bidirectional encoder with one head, as its family plans it. */
export function encoder(plan: EncoderPlan, head: HeadKind, labels: number): ModelSpec {
  const { sizes, prefix } = plan;
  const table = tableKey(plan);
  const used = layerUses(plan);
  return {
    family: plan.family,
    architecture: 'encoder',
    head,
    blocks: sizes.blocks,
    hidden: sizes.hidden,
    vocabulary: sizes.vocabulary,
    maxLength: plan.maxLength,
    padToken: sizes.padToken,
    hasTokenTypes: sizes.types > 1,
    labels,
    pooling: head === 'cls' || head === 'reg' ? 'first' : 'none',
    cache: () => [],
    embeddingKey: table,
    defaultTargets: [...used.keys()].flatMap(({ query, value }) => [
      `${query}.weight`,
      `${value}.weight`,
    ]),
    parameters: [
      ...encoderEmbeddingSpecs(plan, head === 'mlm' && sizes.tied),
      ...layerSpecs(plan, used),
      ...encoderHeadSpecs(plan, head, labels),
    ],
    aliases: (key) =>
      key === `${plan.mlm.decoder}.bias` ? [plan.mlm.bias] : otherNames(key, prefix),
    tokens: (input, ids) => embedding(input, table, ids, sizes.padToken),
    embed: (input, tokens) => encoderEmbedding(input, tokens, plan),
    block: (context, index, hidden) => block(context, { plan, index, hidden }),
    final: (_, hidden) => hidden,
    logits: (context, hidden) => encoderLogits(context, hidden, plan, head),
    ...headLoss(head),
  };
}

function block(
  context: BlockContext,
  { plan, index, hidden }: { plan: EncoderPlan; index: number; hidden: Value },
): BlockOutput {
  const apply = (stream: Value, keys: LayerKeys): Value =>
    encoderLayer(context, { block: index, hidden: stream }, keys, plan.sizes);
  return { hidden: plan.layers(index).reduce(apply, hidden), cache: {} };
}

/** Every layer once, with the blocks that apply it. */
function layerUses({ sizes, layers }: EncoderPlan): ReadonlyMap<LayerKeys, number[]> {
  const first = new Map<string, LayerKeys>();
  const uses = new Map<LayerKeys, number[]>();
  for (let block = 0; block < sizes.blocks; block++) {
    for (const keys of layers(block)) {
      const known = first.get(keys.query) ?? keys;
      first.set(keys.query, known);
      uses.set(known, [...(uses.get(known) ?? []), block]);
    }
  }
  return uses;
}

function layerSpecs(
  { sizes }: EncoderPlan,
  uses: ReadonlyMap<LayerKeys, number[]>,
): ParameterSpec[] {
  return [...uses].flatMap(([keys, blocks]) => encoderLayerSpecs(keys, sizes, blocks));
}

/** Base-model files have no prefix; the oldest ones call a norm's weight and bias gamma and beta. */
function otherNames(key: string, prefix: string): string[] {
  const old = key
    .replace('LayerNorm.weight', 'LayerNorm.gamma')
    .replace('LayerNorm.bias', 'LayerNorm.beta');
  const names = old === key ? [key] : [key, old];
  return names
    .flatMap((name) => (name.startsWith(prefix) ? [name, name.slice(prefix.length)] : [name]))
    .slice(1);
}
