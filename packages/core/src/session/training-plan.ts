import { gradients, partition } from '../autodiff/index.js';
import type { Graph, Value } from '../graph/index.js';
import type { SliceOptions } from './slice.js';
import { resultOf, type SliceGraph } from './slice-graph.js';

/** A slice differentiated, and what its forward pass keeps for its backward pass. */
export interface TrainingPlan {
  readonly g: Graph;
  readonly result: Value;
  readonly observed: [string, Value][];
  readonly stash: readonly Value[];
  readonly backward: ReadonlyMap<string, Value>;
}

/** Plans the training of a slice that passes its result on: the gradient of that comes in as `gradient`. */
export function trainingPlan(slice: SliceGraph, options: SliceOptions): TrainingPlan {
  const { g } = slice;
  const observed = options.observe ? observedValues(slice) : [];
  const result = resultOf(slice);
  const late = g.input('gradient', 'float32', result.shape);
  const wanted = wantedGradients(slice, options);
  const found = gradients(
    g,
    [{ of: result, gradient: late }],
    wanted.map(([, value]) => value),
  );
  const backward = new Map(
    wanted.flatMap(([name], i) => {
      const value = found[i];
      // A gradient that is the very tensor that came in still has to be an output of the model.
      return value ? [[name, value === late ? g.identity(value) : value] as const] : [];
    }),
  );
  return {
    g,
    result,
    observed,
    stash: partition(g, [...backward.values()], [late]).stash,
    backward,
  };
}

/** What is differentiated: trained tensors, what came in, and observed streams. */
export function wantedGradients(slice: SliceGraph, options: SliceOptions): [string, Value][] {
  const trained = slice.g.inputs.filter(
    ({ name, dtype }) =>
      dtype === 'float32' &&
      name !== 'hidden' &&
      name !== 'gradient' &&
      name !== 'labels' &&
      !name.startsWith('past.'),
  );
  const wanted: [string, Value][] = trained.map((value) => [`grad:${value.name}`, value]);
  if (slice.received && options.inputGradient) wanted.push(['grad:received', slice.received]);
  if (options.observe)
    for (const [name, value] of observedValues(slice)) wanted.push([`grad.${name}`, value]);
  return wanted;
}

/** The residual stream at every block of a slice, by name; what came in is not its own. */
export function observedValues(slice: SliceGraph): [string, Value][] {
  const streams: [string, Value][] = [...slice.hidden]
    .filter(([, value]) => value !== slice.received)
    .map(([i, value]) => [`hidden.${i}`, value]);
  return slice.final ? [...streams, ['hidden.final', slice.final]] : streams;
}
