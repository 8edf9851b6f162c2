import { at } from '../../text/index.js';
import type { GradRule } from '../rule.js';

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

/** Rules of functions of one value. */
export const unary = {
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
} as const;
