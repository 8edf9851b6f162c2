import type { Value } from '@vflair/core/graph';
import type { DType } from '@vflair/core/tensor';
import type { Call, Operator } from '../call.js';

const both =
  (name: 'add' | 'sub' | 'mul' | 'equal' | 'greater' | 'less'): Operator =>
  (call) =>
    call.g[name](call.value(0), call.value(1));

const single =
  (
    name:
      | 'neg'
      | 'sqrt'
      | 'reciprocal'
      | 'exp'
      | 'log'
      | 'tanh'
      | 'sin'
      | 'cos'
      | 'sigmoid'
      | 'softplus'
      | 'relu'
      | 'erf'
      | 'abs'
      | 'sign',
  ): Operator =>
  (call) =>
    call.g[name](call.value(0));

const folded =
  (name: 'max' | 'min' | 'add'): Operator =>
  (call) =>
    call.values().reduce((result, value) => call.g[name](result, value));

const same: Operator = (call) => call.given(0) ?? call.value(0);

// ¬(a < b) is a ≥ b: masks compare positions, which are never NaN.
const not =
  (name: 'greater' | 'less'): Operator =>
  (call) =>
    call.g.not(call.g[name](call.value(0), call.value(1)));

/** Element types by their numbers in onnx.proto3; all floats are float32 here, all integers int64. */
const CASTS: ReadonlyMap<number, DType> = new Map([
  ...([1, 10, 11, 16] as const).map((type) => [type, 'float32'] as const),
  ...([2, 3, 4, 5, 6, 7, 12] as const).map((type) => [type, 'int64'] as const),
  [9, 'bool'] as const,
]);

const Cast: Operator = (call) => {
  const to = CASTS.get(call.number('to', 0));
  if (!to) throw call.fail('the type it casts to is not read');
  return call.g.cast(call.value(0), to);
};

// x² and x³ as products, √x, 1/x: the powers that norms and activations are made of.
const Pow: Operator = (call) => {
  const [x, exponent] = [call.value(0), constantNumber(call, 1)];
  switch (exponent) {
    case 1:
      return x;
    case 2:
      return call.g.mul(x, x);
    case 3:
      return call.g.mul(call.g.mul(x, x), x);
    case 0.5:
      return call.g.sqrt(x);
    case -0.5:
      return call.g.reciprocal(call.g.sqrt(x));
    case -1:
      return call.g.reciprocal(x);
    default:
      return power(call);
  }
};

// aˣ of a constant a > 0 is eˣ ˡⁿ ᵃ: frequencies of rotary positions.
function power(call: Call): Value {
  const base = constantNumber(call, 0);
  if (base === undefined || base <= 0) throw call.fail('only exponents ±1, ±½, 2 and 3 are read');
  return call.g.exp(call.g.mul(call.value(1), Math.log(base)));
}

/** The one number operand `i` is, where it is a constant of one element. */
export function constantNumber(call: Call, i: number): number | undefined {
  const operand = call.given(i);
  if (!operand) return undefined;
  if ('sizes' in operand)
    return operand.sizes.length === 1 && typeof operand.sizes[0] === 'number'
      ? operand.sizes[0]
      : undefined;
  const data = call.g.initializers.get(operand.name)?.tensor?.data;
  return data?.length === 1 ? Number(data[0]) : undefined;
}

const Clip: Operator = (call) => {
  const low = call.optional(1) ?? limit(call, 'min');
  const high = call.optional(2) ?? limit(call, 'max');
  const above = low === undefined ? call.value(0) : call.g.max(call.value(0), low);
  return high === undefined ? above : call.g.min(above, high);
};

function limit(call: Call, name: string): number | undefined {
  const value = call.number(name, Number.NaN);
  return Number.isNaN(value) ? undefined : value;
}

const Where: Operator = (call) => call.g.where(call.value(0), call.value(1), call.value(2));

// Integers divide towards zero, as ONNX says; a graph has no other quotient either.
const Div: Operator = (call) => call.g.div(call.value(0), call.value(1));

const Gelu: Operator = (call) => {
  const way = call.text('approximate', 'none');
  if (way !== 'none' && way !== 'tanh') throw call.fail(`its approximation is \`${way}\``);
  return call.g.gelu(call.value(0), way);
};

/** A Gelu of the runtime's own, with a bias in front. */
const withBias =
  (way: 'none' | 'tanh'): Operator =>
  (call) => {
    const bias = call.optional(1);
    return call.g.gelu(bias ? call.g.add(call.value(0), bias) : call.value(0), way);
  };

// x·σ(αx).
const QuickGelu: Operator = (call) => {
  const x = call.value(0);
  return call.g.mul(x, call.g.sigmoid(call.g.mul(x, call.number('alpha', 1.702))));
};

// NaN is the number that differs from itself.
const IsNaN: Operator = (call) => call.g.not(call.g.equal(call.value(0), call.value(0)));

// a ∨ b = ¬(¬a ∧ ¬b).
const Or: Operator = (call) => {
  const { g } = call;
  return g.not(g.and(g.not(call.value(0)), g.not(call.value(1))));
};

// Evaluation drops nothing; the second result is the mask of what stays.
const Dropout: Operator = (call) => {
  const x = call.value(0);
  return call.parts.node.outputs.length < 2 ? x : [x, call.g.cast(call.g.equal(x, x), 'bool')];
};

/** Operators on each element by itself. */
export const elementwise: { readonly [op: string]: Operator } = {
  Add: both('add'),
  Sub: both('sub'),
  Mul: both('mul'),
  Div,
  Equal: both('equal'),
  Greater: both('greater'),
  Less: both('less'),
  GreaterOrEqual: not('less'),
  LessOrEqual: not('greater'),
  Max: folded('max'),
  Min: folded('min'),
  Sum: folded('add'),
  Neg: single('neg'),
  Sqrt: single('sqrt'),
  Reciprocal: single('reciprocal'),
  Exp: single('exp'),
  Log: single('log'),
  Tanh: single('tanh'),
  Sin: single('sin'),
  Cos: single('cos'),
  Sigmoid: single('sigmoid'),
  Softplus: single('softplus'),
  Relu: single('relu'),
  Erf: single('erf'),
  Abs: single('abs'),
  Sign: single('sign'),
  And: (call) => call.g.and(call.value(0), call.value(1)),
  Or,
  Not: (call) => call.g.not(call.value(0)),
  Identity: same,
  Dropout,
  Cast,
  Pow,
  Clip,
  Where,
  IsNaN,
  Gelu,
  FastGelu: withBias('tanh'),
  BiasGelu: withBias('none'),
  QuickGelu,
};
