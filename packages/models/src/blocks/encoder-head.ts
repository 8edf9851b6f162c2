import type { BlockContext, HeadKind, ParameterSpec } from '@vflair/core/contract';
import { dimOf, type Value } from '@vflair/core/graph';
import { type EncoderPlan, tableKey } from './encoder-plan.js';
import { linear } from './linear.js';
import { layerNorm } from './norm.js';
import { linearSpecs, normSpecs } from './parameters.js';

/** Logits of an encoder's head: spans and tokens at every position, classes and numbers from the first one. */
export function encoderLogits(
  context: BlockContext,
  hidden: Value,
  plan: EncoderPlan,
  head: HeadKind,
): Value {
  const { g, parameters } = context;
  const map = (key: string, x: Value): Value =>
    linear(g, parameters, x, { weight: `${key}.weight`, bias: `${key}.bias` });
  if (head === 'qa') return map('qa_outputs', hidden);
  if (head === 'mlm') return tokenLogits(context, hidden, plan);
  const first = g.squeeze(g.slice(hidden, 1, { start: 0, end: 1, size: 1 }), [1]);
  const row = g.reshape(first, [dimOf(first, 0), plan.sizes.hidden]);
  return map(plan.classifier.output, g.tanh(map(plan.classifier.dense, row)));
}

// E·LN(act(W·h + c)) + b, where E is the embedding table if tied. Devlin et al. 2019, appendix A.
function tokenLogits({ g, parameters }: BlockContext, hidden: Value, plan: EncoderPlan): Value {
  const { mlm, sizes } = plan;
  const changed = linear(g, parameters, hidden, {
    weight: `${mlm.dense}.weight`,
    bias: `${mlm.dense}.bias`,
  });
  const settled = layerNorm(g, parameters, mlm.activation(g, changed), {
    key: mlm.norm,
    epsilon: sizes.epsilon,
  });
  const output = sizes.tied
    ? { weight: tableKey(plan), bias: mlm.bias }
    : { weight: `${mlm.decoder}.weight`, bias: `${mlm.decoder}.bias` };
  return linear(g, parameters, settled, output);
}

/** Parameters of an encoder's head. */
export function encoderHeadSpecs(
  { sizes, width, mlm, classifier }: EncoderPlan,
  head: HeadKind,
  labels: number,
): ParameterSpec[] {
  const { hidden, vocabulary } = sizes;
  if (head === 'qa') return linearSpecs('qa_outputs', [2, hidden], 'output');
  if (head === 'mlm') {
    const tiedBias: ParameterSpec = {
      key: mlm.bias,
      shape: [vocabulary],
      places: ['output'],
      init: 'zeros',
    };
    return [
      ...linearSpecs(mlm.dense, [width, hidden], 'output'),
      ...normSpecs(mlm.norm, width, 'output'),
      ...(sizes.tied ? [tiedBias] : linearSpecs(mlm.decoder, [vocabulary, width], 'output')),
    ];
  }
  return [
    ...linearSpecs(classifier.dense, [hidden, hidden], 'output'),
    ...linearSpecs(classifier.output, [labels, hidden], 'output'),
  ];
}
