import type { BlockContext, ParameterPlace, ParameterSpec } from '@vflair/core/contract';
import type { Value } from '@vflair/core/graph';
import { attention } from './attention.js';
import type { EncoderSizes, LayerKeys } from './encoder-plan.js';
import { linear } from './linear.js';
import { layerNorm } from './norm.js';
import { linearSpecs, normSpecs } from './parameters.js';

/** One post-norm layer (Vaswani et al. 2017, section 3.1): x ← LN(x + Attention(x));  x ← LN(x + W₂·act(W₁·x)). */
export function encoderLayer(
  context: BlockContext,
  { block, hidden }: { readonly block: number; readonly hidden: Value },
  keys: LayerKeys,
  sizes: EncoderSizes,
): Value {
  const { g, parameters } = context;
  const map = (key: string, x: Value): Value =>
    linear(g, parameters, x, { weight: `${key}.weight`, bias: `${key}.bias` });
  const settle = (x: Value, key: string): Value =>
    layerNorm(g, parameters, x, { key, epsilon: sizes.epsilon });
  const headSize = sizes.hidden / sizes.heads;
  const attended = attention(context, {
    block,
    query: map(keys.query, hidden),
    key: map(keys.key, hidden),
    value: map(keys.value, hidden),
    heads: sizes.heads,
    headSize,
    scale: 1 / Math.sqrt(headSize),
    causal: false,
  });
  const middle = settle(g.add(map(keys.attentionOutput, attended), hidden), keys.attentionNorm);
  const inner = sizes.activation(g, map(keys.inner, middle));
  return settle(g.add(map(keys.output, inner), middle), keys.outputNorm);
}

/** Parameters of one layer that lives in the blocks `places`. */
export function encoderLayerSpecs(
  keys: LayerKeys,
  { hidden, inner }: EncoderSizes,
  places: readonly ParameterPlace[],
): ParameterSpec[] {
  const own = [
    ...[keys.query, keys.key, keys.value, keys.attentionOutput].flatMap((key) =>
      linearSpecs(key, [hidden, hidden], 0),
    ),
    ...normSpecs(keys.attentionNorm, hidden, 0),
    ...linearSpecs(keys.inner, [inner, hidden], 0),
    ...linearSpecs(keys.output, [hidden, inner], 0),
    ...normSpecs(keys.outputNorm, hidden, 0),
  ];
  return own.map((spec) => ({ ...spec, places }));
}
