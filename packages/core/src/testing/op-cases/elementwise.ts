import type { Graph, Value } from '../../graph/index.js';
import {
  type FloatTensor,
  floatTensor,
  type Random,
  sizeOf,
  type Tensor,
} from '../../tensor/index.js';
import { at } from '../../text/index.js';
import {
  drawBools,
  drawIntegers,
  drawNarrower,
  drawNonZero,
  drawNormals,
  drawPair,
  drawPositives,
  drawShape,
} from '../draws.js';
import { erf, stretch } from '../numbers.js';
import type { CaseMaker, OpCase } from './op-case.js';

type Draw = (random: Random, shape: readonly number[]) => Tensor;
type Unary = (g: Graph, x: Value) => Value;
type Binary = (g: Graph, a: Value, b: Value) => Value;

function unary(build: Unary, compute: (x: number) => number, draw: Draw = drawNormals): CaseMaker {
  return (random) => ({
    inputs: [draw(random, drawShape(random, { least: 0, most: 4, empty: true }))],
    build: (g, x) => [build(g, at(x, 0))],
    reference: (x) => [stretch(compute, x)],
  });
}

function binary(
  build: Binary,
  compute: (a: number, b: number) => number,
  draw: Draw = drawNormals,
): CaseMaker {
  return (random) => {
    const [a, b] = drawPair(random, drawShape(random, { least: 0, most: 4, empty: true }));
    return {
      inputs: [draw(random, a), draw(random, b)],
      build: (g, x) => [build(g, at(x, 0), at(x, 1))],
      reference: (x) => [stretch(compute, x)],
    };
  };
}

/** Small integers, so that equal ones meet. */
const drawDigits: Draw = (random, shape) => drawIntegers(random, shape, 3);

function gelu(random: Random): OpCase {
  const tanh = random.integer(2) === 0;
  const k = Math.sqrt(2 / Math.PI);
  const exact = (x: number): number => 0.5 * x * (1 + erf(x / Math.SQRT2));
  const close = (x: number): number => 0.5 * x * (1 + Math.tanh(k * (x + 0.044715 * x ** 3)));
  const build: Unary = (g, x) => g.gelu(x, tanh ? 'tanh' : 'none');
  return unary(build, tanh ? close : exact)(random);
}

function cast(random: Random): OpCase {
  const kind = random.integer(3);
  if (kind === 0) return unary((g, x) => g.cast(x, 'float32'), Number, drawDigits)(random);
  if (kind === 1) return unary((g, x) => g.cast(x, 'float32'), Number, drawBools)(random);
  return unary((g, x) => g.cast(x, 'int64'), Math.trunc, drawNonZero)(random);
}

// Whole numbers above 256 need more than 8 bits, and half of them lie between two that don't.
const drawTies: Draw = (random, shape) =>
  floatTensor(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => random.integer(1024) - 512),
  );

// m·2ᵉ with a whole m below 2⁸ is the nearest such number; of two equally near ones the even m.
function toEightBits(x: number): number {
  if (x === 0) return 0;
  const unit = 2 ** (Math.floor(Math.log2(Math.abs(x))) - 7);
  const floor = Math.floor(x / unit);
  const rest = x / unit - floor;
  const isUp = rest > 0.5 || (rest === 0.5 && floor % 2 !== 0);
  return (isUp ? floor + 1 : floor) * unit;
}

function where(random: Random): OpCase {
  const shape = drawShape(random, { least: 0, most: 4, empty: true });
  const one = (): FloatTensor => drawNormals(random, drawNarrower(random, shape));
  return {
    inputs: [drawBools(random, shape), one(), one()],
    build: (g, x) => [g.where(at(x, 0), at(x, 1), at(x, 2))],
    reference: (x) => [stretch((c = 0, a = 0, b = 0) => (c ? a : b), x)],
  };
}

/** Cases of the elementwise operators. */
export const elementwiseCases = {
  add: binary(
    (g, a, b) => g.add(a, b),
    (a, b) => a + b,
  ),
  sub: binary(
    (g, a, b) => g.sub(a, b),
    (a, b) => a - b,
  ),
  mul: binary(
    (g, a, b) => g.mul(a, b),
    (a, b) => a * b,
  ),
  div: binary(
    (g, a, b) => g.div(a, b),
    (a, b) => a / b,
    drawNonZero,
  ),
  max: binary((g, a, b) => g.max(a, b), Math.max),
  min: binary((g, a, b) => g.min(a, b), Math.min),
  equal: binary(
    (g, a, b) => g.equal(a, b),
    (a, b) => Number(a === b),
    drawDigits,
  ),
  greater: binary(
    (g, a, b) => g.greater(a, b),
    (a, b) => Number(a > b),
  ),
  less: binary(
    (g, a, b) => g.less(a, b),
    (a, b) => Number(a < b),
    drawDigits,
  ),
  and: binary(
    (g, a, b) => g.and(a, b),
    (a, b) => a * b,
    drawBools,
  ),
  not: unary(
    (g, x) => g.not(x),
    (x) => 1 - x,
    drawBools,
  ),
  neg: unary(
    (g, x) => g.neg(x),
    (x) => -x,
  ),
  sqrt: unary((g, x) => g.sqrt(x), Math.sqrt, drawPositives),
  reciprocal: unary(
    (g, x) => g.reciprocal(x),
    (x) => 1 / x,
    drawNonZero,
  ),
  exp: unary((g, x) => g.exp(x), Math.exp),
  log: unary((g, x) => g.log(x), Math.log, drawPositives),
  tanh: unary((g, x) => g.tanh(x), Math.tanh),
  sin: unary((g, x) => g.sin(x), Math.sin),
  cos: unary((g, x) => g.cos(x), Math.cos),
  sigmoid: unary(
    (g, x) => g.sigmoid(x),
    (x) => 1 / (1 + Math.exp(-x)),
  ),
  softplus: unary(
    (g, x) => g.softplus(x),
    (x) => Math.log1p(Math.exp(x)),
  ),
  relu: unary(
    (g, x) => g.relu(x),
    (x) => Math.max(x, 0),
  ),
  erf: unary((g, x) => g.erf(x), erf),
  abs: unary((g, x) => g.abs(x), Math.abs),
  sign: unary((g, x) => g.sign(x), Math.sign),
  identity: unary(
    (g, x) => g.identity(x),
    (x) => x,
  ),
  stopGradient: (random) => ({
    ...unary(
      (g, x) => g.stopGradient(x),
      (x) => x,
    )(random),
    withheld: true,
  }),
  gelu,
  cast,
  roundToBfloat16: (random) => ({
    ...unary((g, x) => g.roundToBfloat16(x), toEightBits, drawTies)(random),
    withheld: true,
  }),
  where,
} as const satisfies { readonly [name: string]: CaseMaker };
