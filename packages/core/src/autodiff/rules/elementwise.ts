import { at } from '../../text/index.js';
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

// y = −x  ⇒  dx = −dy.
const Neg: GradRule = ({ g, dys: [dy] }) => [dy && g.neg(dy)];

// y = √x  ⇒  dx = dy/(2y).
const Sqrt: GradRule = ({
  g,
  node: {
    outputs: [y],
  },
  dys: [dy],
}) => [dy && y && g.div(g.mul(dy, 0.5), y)];

// y = 1/x  ⇒  dx = −dy·y².
const Reciprocal: GradRule = ({
  g,
  node: {
    outputs: [y],
  },
  dys: [dy],
}) => [dy && y && g.neg(g.mul(dy, g.mul(y, y)))];

// y = eˣ  ⇒  dx = dy·y.
const Exp: GradRule = ({
  g,
  node: {
    outputs: [y],
  },
  dys: [dy],
}) => [dy && y && g.mul(dy, y)];

// y = ln x  ⇒  dx = dy/x.
const Log: GradRule = ({
  g,
  node: {
    inputs: [x],
  },
  dys: [dy],
}) => [dy && x && g.div(dy, x)];

// y = tanh x  ⇒  dx = dy·(1 − y²).
const Tanh: GradRule = ({
  g,
  node: {
    outputs: [y],
  },
  dys: [dy],
}) => [dy && y && g.mul(dy, g.sub(1, g.mul(y, y)))];

// y = sin x  ⇒  dx = dy·cos x.
const Sin: GradRule = ({
  g,
  node: {
    inputs: [x],
  },
  dys: [dy],
}) => [dy && x && g.mul(dy, g.cos(x))];

// y = cos x  ⇒  dx = −dy·sin x.
const Cos: GradRule = ({
  g,
  node: {
    inputs: [x],
  },
  dys: [dy],
}) => [dy && x && g.neg(g.mul(dy, g.sin(x)))];

// y = σ(x)  ⇒  dx = dy·y·(1 − y).
const Sigmoid: GradRule = ({
  g,
  node: {
    outputs: [y],
  },
  dys: [dy],
}) => [dy && y && g.mul(dy, g.mul(y, g.sub(1, y)))];

// y = ln(1 + eˣ)  ⇒  dx = dy·σ(x).
const Softplus: GradRule = ({
  g,
  node: {
    inputs: [x],
  },
  dys: [dy],
}) => [dy && x && g.mul(dy, g.sigmoid(x))];

// y = max(x, 0)  ⇒  dx = dy where x > 0.
const Relu: GradRule = ({
  g,
  node: {
    inputs: [x],
  },
  dys: [dy],
}) => [dy && x && g.where(g.greater(x, 0), dy, 0)];

// y = |x|  ⇒  dx = dy·sign x.
const Abs: GradRule = ({
  g,
  node: {
    inputs: [x],
  },
  dys: [dy],
}) => [dy && x && g.mul(dy, g.sign(x))];

// y = erf x  ⇒  dx = dy·(2/√π)·e^(−x²).
const Erf: GradRule = ({
  g,
  node: {
    inputs: [x],
  },
  dys: [dy],
}) => [dy && x && g.mul(dy, g.mul(2 / Math.sqrt(Math.PI), g.exp(g.neg(g.mul(x, x)))))];

// Exact: y = x·Φ(x)                        ⇒  dx = dy·(Φ(x) + x·φ(x)),  Φ = ½(1 + erf(x/√2)),  φ = e^(−x²/2)/√(2π).
// Tanh:  y = ½x(1 + t), t = tanh(k(x + c·x³))  ⇒  dx = dy·(½(1 + t) + ½x(1 − t²)·k(1 + 3c·x²)),  k = √(2/π), c = 0.044715.
const Gelu: GradRule = ({ g, node, dys: [dy] }) => {
  const x = at(node.inputs, 0);
  if (!x || !dy) return [];
  const square = g.mul(x, x);
  if (node.attributes.approximate !== 'tanh') {
    const cumulative = g.mul(0.5, g.add(1, g.erf(g.mul(x, Math.SQRT1_2))));
    const density = g.mul(1 / Math.sqrt(2 * Math.PI), g.exp(g.mul(-0.5, square)));
    return [g.mul(dy, g.add(cumulative, g.mul(x, density)))];
  }
  const k = Math.sqrt(2 / Math.PI);
  const t = g.tanh(g.mul(g.mul(k, x), g.add(1, g.mul(0.044715, square))));
  const slope = g.mul(k, g.add(1, g.mul(3 * 0.044715, square)));
  const inner = g.mul(g.mul(x, g.sub(1, g.mul(t, t))), slope);
  return [g.mul(dy, g.mul(0.5, g.add(g.add(1, t), inner)))];
};

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
  Neg,
  Sqrt,
  Reciprocal,
  Exp,
  Log,
  Tanh,
  Sin,
  Cos,
  Sigmoid,
  Softplus,
  Relu,
  Abs,
  Erf,
  Gelu,
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
