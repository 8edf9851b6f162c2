import { blocked, type GradRule } from '../rule.js';
import { unbroadcast } from '../unbroadcast.js';

// y = a + b  ⇒  da = dy, db = dy, each summed over stretched axes.
const Add: GradRule = ({ g, node: { inputs }, dys: [dy], needs }) =>
  inputs.map((x, i) => (x && dy && needs[i] ? unbroadcast(g, dy, x) : undefined));

// y = a − b  ⇒  da = dy, db = −dy.
const Sub: GradRule = ({
  g,
  node: {
    inputs: [a, b],
  },
  dys: [dy],
  needs,
}) => {
  if (!a || !b || !dy) return [];
  return [unbroadcast(g, dy, a), needs[1] ? unbroadcast(g, g.neg(dy), b) : undefined];
};

// y = a·b  ⇒  da = dy·b, db = dy·a.
const Mul: GradRule = ({
  g,
  node: {
    inputs: [a, b],
  },
  dys: [dy],
  needs,
}) => {
  if (!a || !b || !dy) return [];
  return [
    needs[0] ? unbroadcast(g, g.mul(dy, b), a) : undefined,
    needs[1] ? unbroadcast(g, g.mul(dy, a), b) : undefined,
  ];
};

// y = a/b  ⇒  da = dy/b, db = −dy·y/b.
const Div: GradRule = ({
  g,
  node: {
    inputs: [a, b],
    outputs: [y],
  },
  dys: [dy],
  needs,
}) => {
  if (!a || !b || !dy || !y) return [];
  return [
    needs[0] ? unbroadcast(g, g.div(dy, b), a) : undefined,
    needs[1] ? unbroadcast(g, g.neg(g.div(g.mul(dy, y), b)), b) : undefined,
  ];
};

// y = one of a and b  ⇒  the gradient goes to the one chosen; to `b` where they are equal.
function choice(chooses: 'greater' | 'less'): GradRule {
  return ({ g, node: { inputs }, dys: [dy] }) => {
    const [a, b] = inputs;
    if (!a || !b || !dy) return [];
    const first = g[chooses](a, b);
    return [unbroadcast(g, g.where(first, dy, 0), a), unbroadcast(g, g.where(first, 0, dy), b)];
  };
}

const Max = choice('greater');
const Min = choice('less');

// y = c ? a : b  ⇒  da = dy where c, db = dy elsewhere.
const Where: GradRule = ({
  g,
  node: {
    inputs: [c, a, b],
  },
  dys: [dy],
  needs,
}) => {
  if (!c || !a || !b || !dy) return [];
  return [
    undefined,
    needs[1] ? unbroadcast(g, g.where(c, dy, 0), a) : undefined,
    needs[2] ? unbroadcast(g, g.where(c, 0, dy), b) : undefined,
  ];
};

const Identity: GradRule = ({ dys: [dy] }) => [dy];

/** One rule per elementwise operator. */
export const elementwise = {
  Add,
  Sub,
  Mul,
  Div,
  Max,
  Min,
  Where,
  Identity,
  // Steps and comparisons: flat almost everywhere.
  Sign: blocked,
  Equal: blocked,
  Greater: blocked,
  Less: blocked,
  And: blocked,
  Not: blocked,
  // Between floats and integers or booleans nothing flows; casts between equal types are never built.
  Cast: blocked,
  // Sum of one operand is how the graph language writes stopGradient.
  Sum: blocked,
} as const;
