import type { EmbedInput, ParameterSpec } from '@vflair/core/contract';
import { dimOf, type Value } from '@vflair/core/graph';
import { embedding } from './embedding.js';
import { type EncoderPlan, tableKey } from './encoder-plan.js';
import { linear } from './linear.js';
import { layerNorm } from './norm.js';
import { linearSpecs, normSpecs, weightSpec } from './parameters.js';

/** LN(token + position + type), widened where embeddings are narrower than blocks: `[batch, seq, hidden]`. */
export function encoderEmbedding(input: EmbedInput, tokens: Value, plan: EncoderPlan): Value {
  const { g, parameters, mask, tokenTypes } = input;
  const key = `${plan.prefix}embeddings`;
  const places = embedding(
    input,
    `${key}.position_embeddings.weight`,
    plan.positions(input),
    plan.positionPadding,
  );
  const types = embedding(
    input,
    `${key}.token_type_embeddings.weight`,
    tokenTypes ?? g.mul(mask, g.scalar(0, 'int64')),
  );
  const settled = layerNorm(g, parameters, g.add(g.add(tokens, types), places), {
    key: `${key}.LayerNorm`,
    epsilon: plan.sizes.epsilon,
  });
  if (plan.widen === undefined) return settled;
  return linear(g, parameters, settled, {
    weight: `${plan.widen}.weight`,
    bias: `${plan.widen}.bias`,
  });
}

/**
 * Position of each token counted from the tokens themselves, int64 `[batch, seq]`: `padToken` plus the number of tokens
 * up to it, and `padToken` where there is none. Liu et al. 2019; as transformers' RoBERTa counts.
 */
export function countedPositions({ g, mask, ids }: EmbedInput, padToken: number): Value {
  const real = ids ? g.not(g.equal(ids, padToken)) : g.equal(mask, 1);
  const places = g.range(dimOf(mask, 1));
  // Column i of the triangle has ones in the rows j ≤ i, so that the product counts the real j ≤ i.
  const triangle = g.less(g.unsqueeze(places, [1]), g.add(g.unsqueeze(places, [0]), 1));
  const count = g.matMul(g.cast(real, 'float32'), g.cast(triangle, 'float32'));
  return g.add(g.mul(g.cast(count, 'int64'), g.cast(real, 'int64')), padToken);
}

/** Parameters of the embedding; the table is also the output's where `tied`. */
export function encoderEmbeddingSpecs(plan: EncoderPlan, tied: boolean): ParameterSpec[] {
  const { sizes, width, widen, prefix } = plan;
  const key = `${prefix}embeddings`;
  return [
    {
      key: tableKey(plan),
      shape: [sizes.vocabulary, width],
      places: tied ? ['embed', 'output'] : ['embed'],
      init: 'normal',
      ...(sizes.padToken === undefined ? {} : { paddingRow: sizes.padToken }),
    },
    {
      ...weightSpec(`${key}.position_embeddings.weight`, [sizes.positions, width], 'embed'),
      ...(plan.positionPadding === undefined ? {} : { paddingRow: plan.positionPadding }),
    },
    weightSpec(`${key}.token_type_embeddings.weight`, [sizes.types, width], 'embed'),
    ...normSpecs(`${key}.LayerNorm`, width, 'embed'),
    ...(widen === undefined ? [] : linearSpecs(widen, [sizes.hidden, width], 'embed')),
  ];
}
