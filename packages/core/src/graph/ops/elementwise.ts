import type { DType } from '../../tensor/index.js';
import type { GraphCore, Value } from '../graph.js';
import { broadcastShapes } from '../shapes.js';
import { scalar } from './constant.js';

function unary(g: GraphCore, op: string, x: Value, dtype: DType = x.dtype): Value {
  return g.node(op, [x], [{ dtype, shape: x.shape }])[0] as Value;
}

function binary(
  g: GraphCore,
  op: string,
  [a, b]: readonly [Value, Value],
  dtype: DType = a.dtype,
): Value {
  return g.node(op, [a, b], [{ dtype, shape: broadcastShapes(a.shape, b.shape) }])[0] as Value;
}

/** A Value, or a number that becomes a scalar constant of the other operand's type. */
export type Operand = Value | number;

function pair(g: GraphCore, a: Operand, b: Operand): [Value, Value] {
  const like = typeof a === 'number' ? b : a;
  const dtype = typeof like === 'number' ? 'float32' : like.dtype;
  const lift = (x: Operand): Value => (typeof x === 'number' ? scalar(g, x, dtype) : x);
  return [lift(a), lift(b)];
}

/** y = a + b, broadcast. */
export const add = (g: GraphCore, a: Operand, b: Operand): Value => binary(g, 'Add', pair(g, a, b));
/** y = a − b, broadcast. */
export const sub = (g: GraphCore, a: Operand, b: Operand): Value => binary(g, 'Sub', pair(g, a, b));
/** y = a·b elementwise, broadcast. */
export const mul = (g: GraphCore, a: Operand, b: Operand): Value => binary(g, 'Mul', pair(g, a, b));
/** y = a/b elementwise, broadcast. */
export const div = (g: GraphCore, a: Operand, b: Operand): Value => binary(g, 'Div', pair(g, a, b));
/** y = max(a, b) elementwise, broadcast. */
export const max = (g: GraphCore, a: Operand, b: Operand): Value => binary(g, 'Max', pair(g, a, b));
/** y = min(a, b) elementwise, broadcast. */
export const min = (g: GraphCore, a: Operand, b: Operand): Value => binary(g, 'Min', pair(g, a, b));
/** a = b, as bool. */
export const equal = (g: GraphCore, a: Operand, b: Operand): Value =>
  binary(g, 'Equal', pair(g, a, b), 'bool');
/** a > b, as bool. */
export const greater = (g: GraphCore, a: Operand, b: Operand): Value =>
  binary(g, 'Greater', pair(g, a, b), 'bool');
/** a < b, as bool. */
export const less = (g: GraphCore, a: Operand, b: Operand): Value =>
  binary(g, 'Less', pair(g, a, b), 'bool');
/** a ∧ b of bools. */
export const and = (g: GraphCore, a: Value, b: Value): Value => binary(g, 'And', [a, b], 'bool');
/** ¬x of a bool. */
export const not = (g: GraphCore, x: Value): Value => unary(g, 'Not', x);
/** −x. */
export const neg = (g: GraphCore, x: Value): Value => unary(g, 'Neg', x);
/** √x. */
export const sqrt = (g: GraphCore, x: Value): Value => unary(g, 'Sqrt', x);
/** 1/x. */
export const reciprocal = (g: GraphCore, x: Value): Value => unary(g, 'Reciprocal', x);
/** eˣ. */
export const exp = (g: GraphCore, x: Value): Value => unary(g, 'Exp', x);
/** ln x. */
export const log = (g: GraphCore, x: Value): Value => unary(g, 'Log', x);
/** tanh x. */
export const tanh = (g: GraphCore, x: Value): Value => unary(g, 'Tanh', x);
/** sin x, x in radians. */
export const sin = (g: GraphCore, x: Value): Value => unary(g, 'Sin', x);
/** cos x, x in radians. */
export const cos = (g: GraphCore, x: Value): Value => unary(g, 'Cos', x);
/** 1/(1 + e⁻ˣ). */
export const sigmoid = (g: GraphCore, x: Value): Value => unary(g, 'Sigmoid', x);
/** ln(1 + eˣ). */
export const softplus = (g: GraphCore, x: Value): Value => unary(g, 'Softplus', x);
/** max(x, 0). */
export const relu = (g: GraphCore, x: Value): Value => unary(g, 'Relu', x);
/** The error function. */
export const erf = (g: GraphCore, x: Value): Value => unary(g, 'Erf', x);
/** |x|. */
export const abs = (g: GraphCore, x: Value): Value => unary(g, 'Abs', x);
/** −1, 0 or 1. */
export const sign = (g: GraphCore, x: Value): Value => unary(g, 'Sign', x);
/** The same Value under a new name. */
export const identity = (g: GraphCore, x: Value): Value => unary(g, 'Identity', x);

/** The same elements, through which no gradient flows (ONNX `Sum` of one operand). */
export const stopGradient = (g: GraphCore, x: Value): Value => unary(g, 'Sum', x);

/** Gaussian error linear unit, exact (`none`) or with the tanh approximation. Hendrycks & Gimpel 2016. */
export function gelu(g: GraphCore, x: Value, approximate: 'none' | 'tanh' = 'none'): Value {
  return g.node('Gelu', [x], [{ dtype: x.dtype, shape: x.shape }], { approximate })[0] as Value;
}

const codes: { readonly [D in DType]: number } = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  bool: 9,
};

/** The elements as another type. */
export function cast(g: GraphCore, x: Value, dtype: DType): Value {
  if (x.dtype === dtype) return x;
  return g.node('Cast', [x], [{ dtype, shape: x.shape }], { to: codes[dtype] })[0] as Value;
}

/** The nearest number with 8 significant bits (bfloat16, ties to even), as float32; no gradient flows through it. */
export function roundToBfloat16(g: GraphCore, x: Value): Value {
  const as = (value: Value, to: number): Value =>
    g.node('Cast', [value], [{ dtype: 'float32', shape: x.shape }], { to })[0] as Value;
  // The value in between is no float32; nothing but the second cast reads it.
  return as(as(x, 16), codes.float32);
}

/** `a` where `condition`, else `b`; all three broadcast. */
export function where(g: GraphCore, condition: Value, a: Operand, b: Operand): Value {
  const [left, right] = pair(g, a, b);
  const shape = broadcastShapes(condition.shape, broadcastShapes(left.shape, right.shape));
  return g.node('Where', [condition, left, right], [{ dtype: left.dtype, shape }])[0] as Value;
}
