import { gradients, partition, type Seed } from '../autodiff/index.js';
import type { Tensors } from '../contract/index.js';
import type { Graph, Value } from '../graph/index.js';
import { asFloat, type FloatTensor } from '../tensor/index.js';
import { trainedTensors, type Weights } from './bindings.js';
import type { SliceOptions } from './slice.js';
import { resultsOf, type SliceGraph } from './slice-graph.js';

/** A slice differentiated, and what its forward pass keeps for its backward pass. */
export interface TrainingPlan {
  readonly g: Graph;
  /** What is passed on, by output name. */
  readonly results: ReadonlyMap<string, Value>;
  readonly observed: [string, Value][];
  readonly stash: readonly Value[];
  /** Names of values that somebody besides the backward pass is given. */
  readonly shown: ReadonlySet<string>;
  readonly backward: ReadonlyMap<string, Value>;
}

/** Name of the input that takes the gradient of an output: `gradient` of `result`, `gradient.x` of `result.x`. */
export function gradientInput(output: string): string {
  return output.replace('result', 'gradient');
}

/** Plans the training of a slice that passes its results on: their gradients come in as {@link gradientInput} says. */
export function trainingPlan(
  slice: SliceGraph,
  trained: ReadonlySet<string>,
  options: SliceOptions,
): TrainingPlan {
  const { g } = slice;
  const observed = options.observe ? [...slice.observed] : [];
  const results = resultsOf(slice);
  const seeds = [...results].map(([name, of]) => ({
    of,
    gradient: g.input(gradientInput(name), 'float32', of.shape),
  }));
  const late = seeds.map(({ gradient }) => gradient);
  const wanted = wantedGradients(slice, trained, options);
  const found = wantedValues(g, seeds, wanted);
  const backward = new Map(
    // A gradient that is the very tensor that came in still has to be an output of the model.
    found.map(([name, value]) => [name, late.includes(value) ? g.identity(value) : value] as const),
  );
  return {
    g,
    results,
    observed,
    stash: partition(g, [...backward.values()], late).stash,
    shown: new Set([...results, ...observed].map(([, value]) => value.name)),
    backward,
  };
}

/**
 * The gradients of {@link wantedGradients} by name. A trained tensor nothing depends on has none; a stream that ends in
 * nothing has zeros, because whoever sent it waits for an answer.
 */
export function wantedValues(
  g: Graph,
  seeds: readonly Seed[],
  wanted: readonly (readonly [string, Value])[],
): [string, Value][] {
  const found = gradients(
    g,
    seeds,
    wanted.map(([, value]) => value),
  );
  return wanted.flatMap(([name, value], i): [string, Value][] => {
    const gradient = found[i];
    if (gradient) return [[name, gradient]];
    return name.startsWith('grad:') ? [] : [[name, g.zerosLike(value)]];
  });
}

/** What is differentiated: trained tensors, what came in, and observed streams. */
export function wantedGradients(
  { g, received, ...slice }: SliceGraph,
  trained: ReadonlySet<string>,
  options: SliceOptions,
): [string, Value][] {
  const inputs = g.inputs.filter(({ name }) => trained.has(name));
  const wanted: [string, Value][] = inputs.map((value) => [`grad:${value.name}`, value]);
  if (options.inputGradient)
    for (const [name, value] of received) wanted.push([`received:${name}`, value]);
  if (options.observe)
    for (const [name, value] of slice.observed) wanted.push([`grad.${name}`, value]);
  return wanted;
}

/** What a backward pass gives: gradients of what came in, by input name (if somebody needs them), and of every trained tensor. */
export interface Backward {
  readonly received: { readonly [name: string]: FloatTensor };
  readonly trained: ReadonlyMap<string, FloatTensor>;
}

/** The gradients among the outputs of a session: of trained tensors and of what came in. */
export function gradientsOf(outputs: Tensors, weights: Weights): Backward {
  const trained = new Map<string, FloatTensor>();
  for (const name of trainedTensors(weights).keys()) {
    const gradient = outputs[`grad:${name}`];
    if (gradient) trained.set(name, asFloat(gradient));
  }
  const received = Object.entries(outputs).flatMap(([name, gradient]) =>
    name.startsWith('received:')
      ? [[name.slice('received:'.length), asFloat(gradient)] as const]
      : [],
  );
  return { received: Object.fromEntries(received), trained };
}
