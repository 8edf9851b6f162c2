import type { Value } from '../../graph/index.js';
import { at } from '../../text/index.js';
import { blocked, type GradRule } from '../rule.js';
import { unbroadcast } from '../unbroadcast.js';

// Same elements in another shape  ⇒  the gradient in the old shape.
const Reshape: GradRule = ({
  g,
  node: {
    inputs: [x],
  },
  dys: [dy],
}) => [dy && x && g.reshapeLike(dy, x)];

// y = x with axes permuted  ⇒  dx = dy with the inverse permutation.
const Transpose: GradRule = ({ g, node, dys: [dy] }) => {
  const order = node.attributes.perm as readonly number[];
  const inverse = order.map((_, axis) => order.indexOf(axis));
  return [dy && g.transpose(dy, inverse)];
};

// y = x₁ ‖ x₂ ‖ …  ⇒  the pieces of dy. Sizes may be unknown until run time, so pieces are cut at running offsets.
const Concat: GradRule = ({ g, node, dys: [dy], needs }) => {
  if (!dy) return [];
  const axis = Number(node.attributes.axis);
  let start: Value = g.ints([0]);
  return node.inputs.map((x, i) => {
    if (!x) return undefined;
    const from = start;
    const end = g.add(start, g.sizeAt(x, axis));
    start = end;
    if (!needs[i]) return undefined;
    const inputs = [dy, from, end, g.ints([axis])];
    return g.node('Slice', inputs, [{ dtype: x.dtype, shape: x.shape }])[0];
  });
};

// y₁, y₂, … = pieces of x  ⇒  dx = dy₁ ‖ dy₂ ‖ …, zeros for pieces nobody used.
const Split: GradRule = ({ g, node, dys }) => {
  const parts = node.outputs.map((y, i) => dys[i] ?? g.zerosLike(y));
  return [g.concat(parts, Number(node.attributes.axis)), undefined];
};

// y = x[start:end] along one axis  ⇒  dx = dy between zeros.
const Slice: GradRule = ({
  g,
  node: {
    inputs: [x, start],
    outputs: [y],
  },
  dys: [dy],
}) => {
  if (!x || !start || !y || !dy) return [];
  const axis = x.shape.findIndex((dim, i) => dim !== y.shape[i]);
  if (axis === -1) return [dy];
  const after = g.missingAfter(x, y, { axis, start });
  return [g.padAxis(dy, axis, { before: start, after, size: at(x.shape, axis) })];
};

// y = x between zeros  ⇒  dx = the piece of dy where x was.
const Pad: GradRule = ({
  g,
  node: {
    inputs: [x, pads],
    outputs: [y],
  },
  dys: [dy],
}) => {
  if (!x || !pads || !y || !dy) return [];
  const axis = x.shape.findIndex((dim, i) => dim !== y.shape[i]);
  if (axis === -1) return [dy];
  const start = g.slice(pads, 0, { start: 0, end: 1 });
  const end = g.add(start, g.sizeAt(x, axis));
  return [
    g.node('Slice', [dy, start, end, g.ints([axis])], [{ dtype: x.dtype, shape: x.shape }])[0],
  ];
};

// y = x stretched  ⇒  dx = dy summed over the stretched axes.
const Expand: GradRule = ({
  g,
  node: {
    inputs: [x],
  },
  dys: [dy],
}) => [dy && x && unbroadcast(g, dy, x)];

/** One rule per operator that only moves elements. */
export const shape = {
  Reshape,
  Unsqueeze: Reshape,
  Squeeze: Reshape,
  Transpose,
  Concat,
  Split,
  Slice,
  Pad,
  Expand,
  // Sizes and counters don't depend on the elements.
  Shape: blocked,
  Range: blocked,
  ConstantOfShape: blocked,
} as const;
