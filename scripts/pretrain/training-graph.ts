import { gradients, type Seed } from '@vflair/core/autodiff';
import type { ModelSpec } from '@vflair/core/contract';
import { type EncodedModel, encodeModel, type Graph, type Value } from '@vflair/core/graph';
import { type SliceGraph, sliceGraph } from '@vflair/core/session';
import { type FloatTensor, floatTensor } from '@vflair/core/tensor';
import { at, present } from '@vflair/core/text';

/** How many positions a training graph sees and scores; `parts` equal parts of the scored ones are projected one after another. */
export interface TrainingShape {
  /** Tokens in a batch: batch·seq. */
  readonly tokens: number;
  /** Scored positions: all tokens, or as many as `places` lists. */
  readonly scored: number;
  readonly parts: number;
}

/**
 * Loss and its gradient for every weight, logits never leaving the session. Inputs besides those of a slice: `labels`
 * int64 `[scored]`, and where fewer than all positions are scored `places` int64 `[scored]`, their places in the
 * flattened batch. Outputs: `loss` (mean cross-entropy in nats) and the gradients under the weights' names.
 */
export function trainingModel(
  spec: ModelSpec,
  weights: ReadonlyMap<string, FloatTensor>,
  shape: TrainingShape,
): EncodedModel {
  const slice = bodyOf(spec, weights);
  const { g } = slice;
  const labels = g.input('labels', 'int64', [shape.scored]);
  const hidden = scoredRows(slice, spec, shape);
  const sizes = Array.from({ length: shape.parts }, () => shape.scored / shape.parts);
  const labelParts = g.split(labels, sizes, 0);
  const scored = g.split(hidden, sizes, 0).map((rows, i) => {
    const size = shape.scored / shape.parts;
    const logits = spec.logits(slice.context, g.reshape(rows, [1, size, spec.hidden]));
    const flat = g.reshape(logits, [size, spec.vocabulary]);
    return crossEntropy(g, flat, at(labelParts, i), shape.scored);
  });
  const wrt = g.inputs.filter(({ name }) => weights.has(name));
  const found = gradients(
    g,
    scored.map(({ seed }) => seed),
    wrt,
  );
  const loss = scored.map((part) => part.loss).reduce((sum, part) => g.add(sum, part));
  const outputs = new Map<string, Value>([['loss', loss]]);
  wrt.forEach(({ name }, i) => {
    outputs.set(name, present(found[i], `gradient of ${name}`));
  });
  return encodeModel(g, outputs);
}

/**
 * ln p of each label: reads `ids`, `labels` int64 `[batch, seq]` and so on, gives `scores` `[batch, seq]`. For a causal
 * model position t scores label t, so labels are the ids one place to the left.
 */
export function scoringModel(
  spec: ModelSpec,
  weights: ReadonlyMap<string, FloatTensor>,
): EncodedModel {
  const slice = bodyOf(spec, weights);
  const { g, context } = slice;
  const labels = g.input('labels', 'int64', ['batch', 'seq']);
  const logits = spec.logits(context, spec.final(context, slice.hidden));
  const chosen = g.gatherElements(g.logSoftmax(logits), g.unsqueeze(labels, [-1]), -1);
  return encodeModel(g, new Map([['scores', g.squeeze(chosen, [-1])]]));
}

function bodyOf(spec: ModelSpec, weights: ReadonlyMap<string, FloatTensor>): SliceGraph {
  const part = { embed: true, first: 0, end: spec.blocks, output: false };
  const stored = (key: string): FloatTensor => present(weights.get(key), `weight ${key}`);
  return sliceGraph(spec, part, { stored, trained: weights, adapters: new Map() });
}

function scoredRows(slice: SliceGraph, spec: ModelSpec, { tokens, scored }: TrainingShape): Value {
  const { g, context } = slice;
  const flat = g.reshape(spec.final(context, slice.hidden), [tokens, spec.hidden]);
  return scored === tokens ? flat : g.gather(flat, g.input('places', 'int64', [scored]));
}

// With p = softmax(z) and n positions in all:  L = −Σ ln p(label)/n,  dz = (p − onehot(label))/n.
function crossEntropy(
  g: Graph,
  logits: Value,
  labels: Value,
  count: number,
): { readonly loss: Value; readonly seed: Seed } {
  const index = g.unsqueeze(labels, [-1]);
  const p = g.softmax(logits);
  const right = g.max(g.gatherElements(p, index, -1), 1e-30);
  const size = Number(at(labels.shape, 0));
  const hot = g.constant(floatTensor([size, 1], new Float32Array(size).fill(-1 / count)));
  const gradient = g.scatterElementsAdd(g.mul(p, 1 / count), index, { updates: hot, axis: -1 });
  return { loss: g.mul(g.sum(g.log(right)), -1 / count), seed: { of: logits, gradient } };
}
