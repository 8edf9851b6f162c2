import { createGraph, type Dim, encodeModel, type Graph, type Value } from '../graph/index.js';
import { Session } from '../session/index.js';
import type { Tensor } from '../tensor/index.js';
import { at, present } from '../text/index.js';
import { type Numbers, numbersOf } from './numbers.js';
import type { OpCase } from './op-cases/index.js';

/** Names of the axes of one input: a number stays what it is, a name is a size known only at run time. */
export type Naming = (input: number, axis: number, size: number) => Dim;

/** Every size is a number. */
export const allNumbers: Naming = (_input, _axis, size) => size;

/** Equal sizes share a name; 1 stays 1, because stretching is decided when a graph is built. */
export function namesFor({ fixed = [] }: OpCase): Naming {
  return (input, axis, size) =>
    size === 1 || fixed.some(([i, a]) => i === input && a === axis) ? size : `n${size}`;
}

/** A graph with one input per tensor, called `x0`, `x1`, …. */
export function inputGraph(
  inputs: readonly Tensor[],
  naming: Naming = allNumbers,
): { readonly g: Graph; readonly values: readonly Value[] } {
  const g = createGraph();
  const values = inputs.map(({ dtype, shape }, i) =>
    g.input(
      `x${i}`,
      dtype,
      shape.map((size, axis) => naming(i, axis, size)),
    ),
  );
  return { g, values };
}

/** Compiles the part of a graph that `outputs` need, runs it once on `feeds` and gives the outputs in order. */
export async function evaluate(
  g: Graph,
  outputs: readonly Value[],
  feeds: { readonly [name: string]: Tensor },
  given: readonly Value[] = [],
): Promise<Tensor[]> {
  if (outputs.length === 0) return [];
  const made = new Set(g.nodes.flatMap((node) => node.outputs.map(({ name }) => name)));
  // A model's output must be the result of a node.
  const results = outputs.map((value) => (made.has(value.name) ? value : g.identity(value)));
  const names = results.map((value, i) => [`y${i}`, value] as const);
  const session = await Session.open(encodeModel(g, new Map(names), given));
  try {
    const found = await session.run(feeds);
    return names.map(([name]) => present(found[name], name));
  } finally {
    await session.close();
  }
}

/** Feeds for {@link inputGraph}. */
export function feedsOf(inputs: readonly Tensor[]): { readonly [name: string]: Tensor } {
  return Object.fromEntries(inputs.map((tensor, i) => [`x${i}`, tensor]));
}

/** What a size comes to when the name `n5` stands for 5: sums, differences and products of sizes. */
export function sizeOfDim(dim: Dim): number {
  if (typeof dim === 'number') return dim;
  const terms = dim.replaceAll('-', '+-').split('+');
  return terms.reduce((sum, term) => {
    const factors = term.split('*').map((factor) => Number(factor.replace('n', '')));
    return sum + factors.reduce((product, factor) => product * factor, 1);
  }, 0);
}

/** Largest difference of two tensors, in units of max(1, largest expected); infinite where shapes differ or one is NaN. */
export function worstDifference(found: Numbers, expected: Numbers): number {
  if (`${found.shape}` !== `${expected.shape}`) return Number.POSITIVE_INFINITY;
  const scale = Math.max(1, ...expected.data.map(Math.abs));
  const differences = expected.data.map((value, i) => Math.abs(at(found.data, i) - value) / scale);
  return differences.reduce(
    (worst, one) => (Number.isNaN(one) ? Number.POSITIVE_INFINITY : Math.max(worst, one)),
    0,
  );
}

/**
 * What is wrong with one operator call, empty when nothing is: its values against the reference, its inferred type and
 * shape against the runtime's, with sizes as numbers and as names. Values agree to 5e-6 of the largest one, or of 1:
 * float32 kernels of exp, erf and tanh are good to about 1e-6.
 */
export async function opDefects(
  opCase: OpCase,
  naming: Naming = allNumbers,
): Promise<readonly string[]> {
  const { g, values } = inputGraph(opCase.inputs, naming);
  const inferred = opCase.build(g, values);
  const found = await evaluate(g, inferred, feedsOf(opCase.inputs));
  const expected = opCase.reference(opCase.inputs.map(numbersOf));
  const shapes = opCase.inputs.map(({ shape }) => `[${shape}]`).join(' ');
  if (expected.length !== found.length) return [`${expected.length} results expected: ${shapes}`];
  return found.flatMap((tensor, i) => {
    const value = at(inferred, i);
    const sizes = value.shape.map(sizeOfDim);
    const worst = worstDifference(numbersOf(tensor), at(expected, i));
    return [
      ...(worst <= 5e-6 ? [] : [`${shapes}: values differ by ${worst}`]),
      ...(`${sizes}` === `${tensor.shape}`
        ? []
        : [`${shapes}: shape [${value.shape}] inferred, [${tensor.shape}] found`]),
      ...(value.dtype === tensor.dtype
        ? []
        : [`${shapes}: type ${value.dtype} inferred, ${tensor.dtype} found`]),
    ];
  });
}
