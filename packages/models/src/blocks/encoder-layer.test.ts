import type { BlockContext } from '@vflair/core/contract';
import { bareContext } from '@vflair/core/session';
import { intTensor, randomStream } from '@vflair/core/tensor';
import {
  drawNormals,
  evaluate,
  feedsOf,
  fill,
  inputGraph,
  type Numbers,
  numbersOf,
  pick,
  total,
  worstDifference,
} from '@vflair/core/testing';
import { at, present } from '@vflair/core/text';
import { expect, test } from 'vitest';
import { encoderLayer, encoderLayerSpecs } from './encoder-layer.js';
import { bertLayerKeys, encoderSizes } from './encoder-plan.js';

const [batch, seq, hidden, heads, inner] = [2, 3, 4, 2, 6];
const sizes = encoderSizes(
  {
    hidden_size: hidden,
    num_attention_heads: heads,
    num_hidden_layers: 1,
    vocab_size: 5,
    max_position_embeddings: 9,
    type_vocab_size: 2,
    intermediate_size: inner,
    hidden_act: 'relu',
    layer_norm_eps: 0.1,
  },
  'test',
);
const keys = bertLayerKeys('layer');

type Named = ReadonlyMap<string, Numbers>;

/** x·Wᵀ + b, row by row. */
function map(weights: Named, key: string, x: Numbers): Numbers {
  const w = present(weights.get(`${key}.weight`));
  const b = present(weights.get(`${key}.bias`));
  const [out = 0, width = 0] = w.shape;
  return fill([batch, seq, out], ([i = 0, s = 0, o = 0]) => {
    const terms = Array.from({ length: width }, (_, k) => pick(x, [i, s, k]) * pick(w, [o, k]));
    return total(terms) + pick(b, [o]);
  });
}

function settle(weights: Named, key: string, x: Numbers): Numbers {
  const w = present(weights.get(`${key}.weight`));
  const b = present(weights.get(`${key}.bias`));
  return fill([batch, seq, hidden], ([i = 0, s = 0, c = 0]) => {
    const row = Array.from({ length: hidden }, (_, k) => pick(x, [i, s, k]));
    const mean = total(row) / hidden;
    const variance = total(row.map((v) => (v - mean) ** 2)) / hidden;
    const normal = (at(row, c) - mean) / Math.sqrt(variance + sizes.epsilon);
    return normal * pick(w, [c]) + pick(b, [c]);
  });
}

const plus = (a: Numbers, b: Numbers): Numbers =>
  fill(a.shape, (place) => pick(a, place) + pick(b, place));

function attend(q: Numbers, k: Numbers, v: Numbers, mask: Numbers): Numbers {
  const size = hidden / heads;
  return fill([batch, seq, hidden], ([i = 0, s = 0, c = 0]) => {
    const first = size * Math.floor(c / size);
    const exps = Array.from({ length: seq }, (_, j) => {
      const terms = Array.from(
        { length: size },
        (_, d) => pick(q, [i, s, first + d]) * pick(k, [i, j, first + d]),
      );
      return pick(mask, [i, j]) * Math.exp(total(terms) / Math.sqrt(size));
    });
    const parts = exps.map((e, j) => (e / total(exps)) * pick(v, [i, j, c]));
    return total(parts);
  });
}

function reference(weights: Named, x: Numbers, mask: Numbers): Numbers {
  const attended = attend(
    map(weights, keys.query, x),
    map(weights, keys.key, x),
    map(weights, keys.value, x),
    mask,
  );
  const middle = settle(
    weights,
    keys.attentionNorm,
    plus(map(weights, keys.attentionOutput, attended), x),
  );
  const raised = map(weights, keys.inner, middle);
  const active = fill(raised.shape, (place) => Math.max(0, pick(raised, place)));
  return settle(weights, keys.outputNorm, plus(map(weights, keys.output, active), middle));
}

test('a layer is attention and a feed-forward map, each added and then normalised', async () => {
  const random = randomStream('encoder layer');
  const specs = encoderLayerSpecs(keys, sizes, [0]);
  const drawn = specs.map(({ shape }) => drawNormals(random, shape));
  const x = drawNormals(random, [batch, seq, hidden]);
  const mask = intTensor([batch, seq], [1, 1, 1, 1, 1, 0]);
  const tensors = [x, mask, ...drawn];
  const { g, values } = inputGraph(tensors, (i, axis, size) =>
    i > 1 || axis > 1 ? size : axis === 0 ? 'batch' : 'seq',
  );
  const byKey = new Map(specs.map(({ key }, i) => [key, at(values, i + 2)]));
  const parameters: BlockContext['parameters'] = {
    weight: (key) => present(byKey.get(key), key),
    has: (key) => byKey.has(key),
    trains: () => false,
    adapter: () => undefined,
  };
  // A layer has no use for positions.
  const inside = { g, mask: at(values, 1), positions: at(values, 1), parameters };
  const context = bareContext(inside);
  const y = encoderLayer(context, { block: 0, hidden: at(values, 0) }, keys, sizes);
  const [found] = await evaluate(g, [y], feedsOf(tensors));
  const weights = new Map(specs.map(({ key }, i) => [key, numbersOf(at(drawn, i))]));
  const expected = reference(weights, numbersOf(x), numbersOf(mask));
  expect(worstDifference(numbersOf(present(found)), expected)).toBeLessThan(1e-5);
});
