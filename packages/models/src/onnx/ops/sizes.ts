import type { Dim } from '@vflair/core/graph';
import { at } from '@vflair/core/text';
import type { Call } from '../call.js';
import { minus, over, plus, product, times } from '../dims.js';
import { isSizes, type Sizes, sizesOf } from '../foreign-value.js';

type OnSizes = (call: Call, operands: readonly Sizes[]) => Sizes | undefined;

const pairwise =
  (calculate: (a: Dim, b: Dim) => Dim | undefined, dtype: Sizes['dtype'] = 'int64'): OnSizes =>
  (_, [a, b]) => {
    if (!a || !b) return undefined;
    const count = Math.max(a.sizes.length, b.sizes.length);
    const one = ({ sizes }: Sizes, i: number): Dim | undefined =>
      sizes.length === 1 ? sizes[0] : sizes[i];
    const found = Array.from({ length: count }, (_, i) => {
      const [x, y] = [one(a, i), one(b, i)];
      return x === undefined || y === undefined ? undefined : calculate(x, y);
    });
    const shape = a.shape.length + b.shape.length === 0 ? [] : [count];
    return known(found, shape, dtype);
  };

function known(
  found: readonly (Dim | undefined)[],
  shape: readonly number[],
  dtype: Sizes['dtype'] = 'int64',
): Sizes | undefined {
  const sizes = found.filter((dim) => dim !== undefined);
  return sizes.length === found.length ? sizesOf(sizes, shape, dtype) : undefined;
}

// A size by name is at least 1.
function equal(a: Dim, b: Dim): Dim | undefined {
  if (a === b) return 1;
  if (typeof a === 'number' && typeof b === 'number') return 0;
  const number = typeof a === 'number' ? a : b;
  return typeof number === 'number' && number < 1 ? 0 : undefined;
}

const Gather: OnSizes = (call, [x, indices]) => {
  if (!x || !indices || x.shape.length !== 1 || call.number('axis', 0) > 0) return undefined;
  const found = indices.sizes.map((index) =>
    typeof index === 'number' ? x.sizes.at(index) : undefined,
  );
  return known(found, indices.shape);
};

const Concat: OnSizes = (_, parts) => {
  if (parts.some(({ shape }) => shape.length !== 1)) return undefined;
  return sizesOf(parts.flatMap(({ sizes }) => sizes));
};

const Slice: OnSizes = (_, [x, start, end, , step]) => {
  const [from, to, by = 1] = [start?.sizes[0], end?.sizes[0], step?.sizes[0]];
  if (x?.shape.length !== 1 || typeof from !== 'number' || typeof to !== 'number' || by !== 1)
    return undefined;
  return sizesOf(x.sizes.slice(from, to));
};

const asVector: OnSizes = (_, [x]) => (x?.shape.length === 0 ? sizesOf(x.sizes, [1]) : undefined);
const asScalar: OnSizes = (_, [x]) => (x?.sizes.length === 1 ? sizesOf(x.sizes, []) : undefined);

const Reshape: OnSizes = (_, [x, target]) => {
  if (!x || target?.sizes.length !== 1)
    return target?.sizes.length === 0 ? asScalar0(x) : undefined;
  const [size] = target.sizes;
  return size === -1 || size === x.sizes.length ? sizesOf(x.sizes) : undefined;
};
const asScalar0 = (x: Sizes | undefined): Sizes | undefined =>
  x?.sizes.length === 1 ? sizesOf(x.sizes, []) : undefined;

const Cast: OnSizes = (call, [x]) => {
  if (!x) return undefined;
  const to = call.number('to', 0);
  return to === 7 || to === 6 ? sizesOf(x.sizes, x.shape) : undefined;
};

const ConstantOfShape: OnSizes = (call, [count]) => {
  const [size] = count?.sizes ?? [];
  const tensor = call.tensor('value');
  if (count?.sizes.length !== 1 || typeof size !== 'number' || size < 0 || size > 64)
    return undefined;
  if (tensor?.dtype !== 'int64') return undefined;
  return sizesOf(Array.from({ length: size }, () => Number(tensor.data[0])));
};

const Where: OnSizes = (_, [condition, a, b]) => {
  if (!condition || !a || !b) return undefined;
  const found = condition.sizes.map((chosen, i) => {
    const { sizes } = chosen === 1 ? a : b;
    return sizes.length === 1 ? sizes[0] : sizes[i];
  });
  return known(found, condition.shape);
};

const ReduceProd: OnSizes = (call, [x]) => {
  const all = product(x?.sizes ?? []);
  return all === undefined
    ? undefined
    : sizesOf([all], call.number('keepdims', 1) === 0 ? [] : [1]);
};

const numbersOnly = (
  calculate: (a: number, b: number) => number,
  dtype: Sizes['dtype'] = 'int64',
): OnSizes =>
  pairwise(
    (a, b) => (typeof a === 'number' && typeof b === 'number' ? calculate(a, b) : undefined),
    dtype,
  );

const table: { readonly [op: string]: OnSizes } = {
  Add: pairwise(plus),
  Sub: pairwise(minus),
  Mul: pairwise((a, b) => (a === -1 || b === -1 ? negated(a === -1 ? b : a) : times(a, b))),
  Div: pairwise(over),
  Mod: numbersOnly((a, b) => ((a % b) + b) % b),
  Max: numbersOnly(Math.max),
  Min: numbersOnly(Math.min),
  Equal: pairwise(equal, 'bool'),
  Greater: numbersOnly((a, b) => Number(a > b), 'bool'),
  Less: numbersOnly((a, b) => Number(a < b), 'bool'),
  Gather,
  Concat,
  Slice,
  Unsqueeze: asVector,
  Squeeze: asScalar,
  Reshape,
  Cast,
  ConstantOfShape,
  Where,
  ReduceProd,
};

function negated(dim: Dim): Dim | undefined {
  return typeof dim === 'number' ? -dim : undefined;
}

/** The result where all operands are known beforehand and it can be, too; else undefined: it is computed in the graph. */
export function onSizes(call: Call): Sizes | undefined {
  const { node, inputs } = call.parts;
  const operands = inputs.filter((operand) => operand !== undefined);
  const sizes = operands.filter(isSizes);
  if (operands.length === 0 || sizes.length < operands.length) return undefined;
  return Object.hasOwn(table, node.op) ? at([table[node.op]], 0)?.(call, sizes) : undefined;
}
