import { Bug } from '../../text/index.js';
import type { GradRule } from '../rule.js';

// y = x[i] on the first axis  ⇒  dx = zeros plus dy at rows i; repeated rows add up.
const Gather: GradRule = ({
  g,
  node: {
    inputs: [x, indices],
    attributes,
  },
  dys: [dy],
}) => {
  if (!x || !indices || !dy) return [];
  if (x.dtype !== 'float32') return [];
  if (attributes.axis !== 0) throw new Bug('VF920', 'Gather has a gradient on axis 0 only');
  return [g.scatterNDAdd(g.zerosLike(x), g.unsqueeze(indices, [-1]), dy), undefined];
};

// y = one element of x per index  ⇒  dx = zeros plus dy at those elements.
const GatherElements: GradRule = ({
  g,
  node: {
    inputs: [x, indices],
    attributes,
  },
  dys: [dy],
}) => {
  if (!x || !indices || !dy) return [];
  return [
    g.scatterElementsAdd(g.zerosLike(x), indices, { updates: dy, axis: Number(attributes.axis) }),
    undefined,
  ];
};

// y = x plus u at indices  ⇒  dx = dy, du = dy at the indices.
const ScatterElements: GradRule = ({
  g,
  node: {
    inputs: [, indices],
    attributes,
  },
  dys: [dy],
}) => {
  if (!indices || !dy) return [];
  return [dy, undefined, g.gatherElements(dy, indices, Number(attributes.axis))];
};

// y = x at index tuples  ⇒  dx = zeros plus dy at those places.
const GatherND: GradRule = ({
  g,
  node: {
    inputs: [x, indices],
  },
  dys: [dy],
}) => {
  if (!x || !indices || !dy) return [];
  return [g.scatterNDAdd(g.zerosLike(x), indices, dy), undefined];
};

// y = x plus u at index tuples  ⇒  dx = dy, du = dy at those tuples.
const ScatterND: GradRule = ({
  g,
  node: {
    inputs: [, indices],
  },
  dys: [dy],
}) => {
  if (!indices || !dy) return [];
  return [dy, undefined, g.gatherND(dy, indices)];
};

/** One rule per operator that picks or adds by index. */
export const indexing = { Gather, GatherElements, ScatterElements, GatherND, ScatterND } as const;
