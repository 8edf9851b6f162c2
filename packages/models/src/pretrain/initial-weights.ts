import type { ModelSpec } from '@vflair/core/contract';
import { type FloatTensor, floatTensor, type Random, sizeOf } from '@vflair/core/tensor';
import { at } from '@vflair/core/text';
import { type PositionStart, sinusoids } from './sinusoids.js';

/** Standard deviation of embedding entries. */
const TABLE_SIZE = 0.02;

/** Positions: attention to a neighbour is then one linear map for all positions, where random rows must be learnt one by one. */
const positions = /(position_embeddings|wpe)\.weight$/;

/** Maps back into the residual stream: they start at zero, so that every block starts as the identity. */
const outward = /(c_proj|output\.dense)\.weight$/;

/**
 * Fresh parameters: token tables N(0, 0.02²), position tables sinusoids, matrices N(0, 1/(4·fan-in)), maps
 * back into the residual stream zero, norms one, biases zero. Each parameter has a random stream of its own.
 */
export function initialWeights(
  spec: ModelSpec,
  random: Random,
  start: PositionStart = { size: TABLE_SIZE, fastest: 1 },
): Map<string, FloatTensor> {
  return new Map(
    spec.parameters.map(({ key, shape, places, init }) => {
      if (positions.test(key)) return [key, sinusoids(at(shape, 0), at(shape, 1), start)];
      const data = new Float32Array(sizeOf(shape));
      if (init === 'ones') data.fill(1);
      if (init === 'normal' && !outward.test(key)) {
        const isTable = places.includes('embed');
        const fanIn = key.includes('c_attn') || key.includes('c_fc') ? at(shape, 0) : at(shape, 1);
        const size = isTable ? TABLE_SIZE : 0.5 / Math.sqrt(fanIn);
        const stream = random.stream(key);
        for (let i = 0; i < data.length; i++) data[i] = size * stream.normal();
      }
      return [key, floatTensor(shape, data)];
    }),
  );
}

/** The bias of a masked model's output, where it has one. */
const OUTPUT_BIAS = 'cls.predictions.bias';

/**
 * Sets the output bias, where there is one, to ln of each token's share of the streams, every count one higher: what a
 * model says that knows nothing of the context. Otherwise the first hundreds of steps go into learning it.
 */
export function startFromFrequencies(
  weights: ReadonlyMap<string, FloatTensor>,
  streams: readonly Int32Array[],
): void {
  const bias = weights.get(OUTPUT_BIAS)?.data;
  if (!bias) return;
  const counts = new Float64Array(bias.length).fill(1);
  for (const stream of streams) for (const id of stream) counts[id] = (counts[id] ?? 0) + 1;
  const total = counts.reduce((sum, count) => sum + count, 0);
  counts.forEach((count, id) => {
    bias[id] = Math.log(count / total);
  });
}
