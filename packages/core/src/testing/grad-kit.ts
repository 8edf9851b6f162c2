import { gradients, partition } from '../autodiff/index.js';
import type { Graph, Value } from '../graph/index.js';
import type { FloatTensor, Random, Tensor } from '../tensor/index.js';
import { at } from '../text/index.js';
import { drawNormals } from './draws.js';
import { type Numbers, numbersOf, total } from './numbers.js';
import type { OpCase } from './op-cases/index.js';
import { allNumbers, evaluate, feedsOf, inputGraph, type Naming } from './op-kit.js';

/**
 * One operator call, and everything a check of its gradient needs. With cotangents c the function differentiated is
 * F = Σ c·y over the float results y; directions u and v have the shapes of the inputs and are absent for integers.
 */
interface GradientCase {
  readonly g: Graph;
  readonly values: readonly Value[];
  readonly results: readonly Value[];
  readonly cotangents: readonly Value[];
  readonly feeds: { readonly [name: string]: Tensor };
  readonly directions: readonly (FloatTensor | undefined)[];
  /** F(x + Σ steps·directions) in double precision. */
  readonly along: (...steps: readonly (readonly [number, Directions])[]) => number;
}

type Directions = readonly (FloatTensor | undefined)[];

function drawDirections(random: Random, inputs: readonly Tensor[]): Directions {
  return inputs.map(({ dtype, shape }) =>
    dtype === 'float32' ? drawNormals(random, shape) : undefined,
  );
}

function moved(x: Numbers, step: number, direction: FloatTensor | undefined): Numbers {
  if (!direction) return x;
  return {
    shape: x.shape,
    data: x.data.map((value, i) => value + step * (direction.data[i] ?? 0)),
  };
}

function gradientCase(opCase: OpCase, random: Random, naming: Naming): GradientCase {
  const { g, values } = inputGraph(opCase.inputs, naming);
  const built = opCase.build(g, values);
  const shapes = opCase.reference(opCase.inputs.map(numbersOf)).map(({ shape }) => shape);
  const floats = built.flatMap((value, i) => (value.dtype === 'float32' ? [i] : []));
  const drawn = floats.map((i) => drawNormals(random, at(shapes, i)));
  const cotangents = floats.map((i) => g.input(`c${i}`, 'float32', at(built, i).shape));
  const names = floats.map((i, k) => [`c${i}`, at(drawn, k)] as const);
  const dot = (outputs: readonly Numbers[]): number =>
    total(floats.map((i, k) => inner(at(drawn, k), at(outputs, i))));
  return {
    g,
    values,
    results: floats.map((i) => at(built, i)),
    cotangents,
    feeds: { ...feedsOf(opCase.inputs), ...Object.fromEntries(names) },
    directions: drawDirections(random, opCase.inputs),
    along: (...steps) => {
      const start = opCase.inputs.map(numbersOf);
      const end = steps.reduce(
        (point, [step, directions]) => point.map((x, i) => moved(x, step, directions[i])),
        start,
      );
      return dot(opCase.reference(end));
    },
  };
}

function inner(a: Numbers | FloatTensor, b: Numbers | FloatTensor): number {
  let sum = 0;
  for (let i = 0; i < a.data.length; i++) sum += (a.data[i] ?? 0) * (b.data[i] ?? 0);
  return sum;
}

function backward({ g, results, cotangents, values }: GradientCase): (Value | undefined)[] {
  const seeds = results.map((of, i) => ({ of, gradient: at(cotangents, i) }));
  return gradients(
    g,
    seeds,
    values.filter(({ dtype }) => dtype === 'float32'),
  );
}

const only = (directions: Directions, input: number): Directions =>
  directions.map((direction, i) => (i === input ? direction : undefined));

/** Whether two numbers agree to `tolerance`, where the terms they are sums of have the size `scale`. */
function agree(found: number, expected: number, scale: number, tolerance: number): boolean {
  return Math.abs(found - expected) <= tolerance * (scale + 1e-3);
}

/**
 * What is wrong with the gradient of one operator call, input by input; empty when nothing is. The rule's float32
 * gradient, run by the runtime, times a random direction must be the slope of the double-precision reference in that
 * direction: central differences with h = 1e-5 are good to about 1e-9, so 2e-5 leaves room for float32 alone.
 */
export async function gradientDefects(
  opCase: OpCase,
  random: Random,
  naming: Naming = allNumbers,
): Promise<readonly string[]> {
  const made = gradientCase(opCase, random, naming);
  const found = backward(made);
  if (opCase.withheld)
    return found.every((value) => value === undefined) ? [] : ['a withheld gradient is there'];
  const known = found.filter((value) => value !== undefined);
  const tensors = await evaluate(made.g, known, made.feeds);
  const inputs = made.values.flatMap(({ dtype }, i) => (dtype === 'float32' ? [i] : []));
  const h = 1e-5;
  return inputs.flatMap((input, i) => {
    const value = found[i];
    const direction = at(made.directions, input);
    const only1 = only(made.directions, input);
    const slope = (made.along([h, only1]) - made.along([-h, only1])) / (2 * h);
    const dx = value && at(tensors, known.indexOf(value));
    if (!dx || !direction)
      return Math.abs(slope) < 1e-9
        ? []
        : [`input ${input}: no gradient where the slope is ${slope}`];
    if (`${dx.shape}` !== `${direction.shape}`)
      return [`input ${input}: gradient [${dx.shape}] of [${direction.shape}]`];
    const numbers = numbersOf(dx);
    const scale = total(numbers.data.map((x, k) => Math.abs(x * (direction.data[k] ?? 0))));
    const product = inner(numbers, direction);
    return agree(product, slope, scale, 2e-5)
      ? []
      : [`input ${input} [${direction.shape}]: ${product} instead of ${slope}`];
  });
}

/**
 * What is wrong with the gradient of the gradient. S = Σ ∇F·u is a function of the inputs and the cotangents; its
 * gradient times v is the mixed second difference of the reference, F(x ± hu ± hv)/4h² with h = 1e-4: good to about 1e-7.
 */
export async function secondOrderDefects(
  opCase: OpCase,
  random: Random,
  naming: Naming = allNumbers,
): Promise<readonly string[]> {
  const made = gradientCase(opCase, random, naming);
  const first = backward(made);
  const inputs = made.values.filter(({ dtype }) => dtype === 'float32');
  const used = first.map((value) => value !== undefined);
  if (!used.some(Boolean)) return [];
  const u = onlyUsed(made.directions, made.values, used);
  const terms = first.flatMap((dx, i) => {
    const x = at(inputs, i);
    return dx ? [{ of: dx, gradient: made.g.input(`u:${x.name}`, 'float32', x.shape) }] : [];
  });
  const second = gradients(made.g, terms, inputs);
  const known = second.filter((value) => value !== undefined);
  const uFeeds = made.values.flatMap((x, i) => {
    const direction = u[i];
    return direction ? [[`u:${x.name}`, direction] as const] : [];
  });
  const tensors = await evaluate(made.g, known, { ...made.feeds, ...Object.fromEntries(uFeeds) });
  const v = drawDirections(random, opCase.inputs);
  const floats = v.filter((direction) => direction !== undefined);
  const products = second.map((value, i) => {
    const direction = at(floats, i);
    const ddx = value && numbersOf(at(tensors, known.indexOf(value)));
    const parts = ddx ? ddx.data.map((x, k) => x * (direction.data[k] ?? 0)) : [];
    return { sum: total(parts), scale: total(parts.map(Math.abs)) };
  });
  const h = 1e-4;
  const F = (p: number, q: number): number => made.along([p * h, u], [q * h, v]);
  const curvature = (F(1, 1) - F(1, -1) - F(-1, 1) + F(-1, -1)) / (4 * h * h);
  const found = total(products.map(({ sum }) => sum));
  const scale = total(products.map((product) => product.scale));
  return agree(found, curvature, scale + 1, 1e-4) ? [] : [`${found} instead of ${curvature}`];
}

function onlyUsed(
  directions: Directions,
  values: readonly Value[],
  used: readonly boolean[],
): Directions {
  let float = 0;
  return directions.map((direction, i) =>
    at(values, i).dtype === 'float32' && used[float++] ? direction : undefined,
  );
}

/** Operators in the graph of a case: forward, its gradient, and the gradient of that. */
export function operatorsOf(opCase: OpCase, random: Random): readonly ReadonlySet<string>[] {
  const made = gradientCase(opCase, random, allNumbers);
  const names = (): Set<string> => new Set(made.g.nodes.map(({ op }) => op));
  const forward = names();
  const first = backward(made).filter((value) => value !== undefined);
  const once = names();
  const terms = first.map((of, i) => ({
    of,
    gradient: made.g.input(`u${i}`, 'float32', of.shape),
  }));
  if (terms.length > 0)
    gradients(
      made.g,
      terms,
      made.values.filter(({ dtype }) => dtype === 'float32'),
    );
  return [forward, once, names()];
}

/**
 * Gradients of a case in one run, and in two runs that hand over what {@link partition} keeps; the same lists of tensors
 * if the partition is right.
 */
export async function onceAndTwice(
  opCase: OpCase,
  random: Random,
): Promise<{ readonly once: readonly Tensor[]; readonly twice: readonly Tensor[] }> {
  const made = gradientCase(opCase, random, allNumbers);
  const wanted = backward(made).filter((value) => value !== undefined);
  if (wanted.length === 0) return { once: [], twice: [] };
  const once = await evaluate(made.g, wanted, made.feeds);
  const { stash } = partition(made.g, wanted, made.cotangents);
  const early = { ...made.feeds };
  for (const { name } of made.cotangents) delete early[name];
  const kept = stash.length > 0 ? await evaluate(made.g, stash, early) : [];
  const handed = Object.fromEntries(stash.map(({ name }, i) => [name, at(kept, i)]));
  const twice = await evaluate(made.g, wanted, { ...made.feeds, ...handed }, stash);
  return { once, twice };
}
