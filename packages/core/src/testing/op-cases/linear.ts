import type { Random } from '../../tensor/index.js';
import { at } from '../../text/index.js';
import { drawNormals, drawPair, drawPositives, drawShape } from '../draws.js';
import { fill, fold, type Numbers, pick, stretch, stretchedShape, total } from '../numbers.js';
import type { CaseMaker, OpCase } from './op-case.js';

interface Flips {
  readonly transA: boolean;
  readonly transB: boolean;
  readonly alpha: number;
}

function drawFlips(random: Random): Flips {
  return {
    transA: random.integer(2) === 0,
    transB: random.integer(2) === 0,
    alpha: random.integer(2) === 0 ? 1 : 0.5,
  };
}

const sizes = (random: Random): [number, number, number] => [
  1 + random.integer(4),
  1 + random.integer(4),
  1 + random.integer(4),
];

// y[…, i, j] = α·Σ_k a[…, i, k]·b[…, k, j], indices exchanged where transposed.
function product(a: Numbers, b: Numbers, { transA, transB, alpha }: Flips): Numbers {
  const [rows, inner] = transA ? [-1, -2] : [-2, -1];
  const columns = at(b.shape, b.shape.length + (transB ? -2 : -1));
  const batch = stretchedShape([a.shape.slice(0, -2), b.shape.slice(0, -2)]);
  const steps = at(a.shape, a.shape.length + inner);
  return fill([...batch, at(a.shape, a.shape.length + rows), columns], (place) => {
    const outer = place.slice(0, -2);
    const [i = 0, j = 0] = place.slice(-2);
    const terms = Array.from({ length: steps }, (_, k) => {
      const left = pick(a, [...outer, ...(transA ? [k, i] : [i, k])]);
      return left * pick(b, [...outer, ...(transB ? [j, k] : [k, j])]);
    });
    return alpha * total(terms);
  });
}

function matMul(random: Random): OpCase {
  const flips = drawFlips(random);
  const [m, k, n] = sizes(random);
  const [left, right] = drawPair(random, drawShape(random, { least: 0, most: 2 }));
  const a = drawNormals(random, [...left, ...(flips.transA ? [k, m] : [m, k])]);
  const b = drawNormals(random, [...right, ...(flips.transB ? [n, k] : [k, n])]);
  return {
    inputs: [a, b],
    build: (g, x) => [g.matMul(at(x, 0), at(x, 1), flips)],
    reference: (x) => [product(at(x, 0), at(x, 1), flips)],
  };
}

function gemm(random: Random): OpCase {
  const flips = drawFlips(random);
  const [m, k, n] = sizes(random);
  const a = drawNormals(random, flips.transA ? [k, m] : [m, k]);
  const b = drawNormals(random, flips.transB ? [n, k] : [k, n]);
  const c = random.integer(2) === 0 ? [drawNormals(random, [n])] : [];
  return {
    inputs: [a, b, ...c],
    build: (g, x) => [
      g.gemm(at(x, 0), at(x, 1), x[2] === undefined ? flips : { ...flips, c: x[2] }),
    ],
    reference: (x) => {
      const y = product(at(x, 0), at(x, 1), flips);
      return [x[2] === undefined ? y : stretch((p = 0, q = 0) => p + q, [y, x[2]])];
    },
  };
}

// e^{xᵢ}/Σⱼ e^{xⱼ}; the logarithm of it.
function normalised(
  x: Numbers,
  axis: number,
  last: (value: number, logSum: number) => number,
): Numbers {
  const logSums = fold(x, [axis], (values) => Math.log(total(values.map(Math.exp))));
  return stretch((value = 0, logSum = 0) => last(value, logSum), [x, logSums]);
}

function softmaxCase(log: boolean): CaseMaker {
  return (random) => {
    const shape = drawShape(random, { least: 1, most: 4 });
    const axis = random.integer(shape.length);
    const last = (value: number, logSum: number): number =>
      log ? value - logSum : Math.exp(value - logSum);
    return {
      inputs: [drawNormals(random, shape)],
      build: (g, x) => [log ? g.logSoftmax(at(x, 0), axis) : g.softmax(at(x, 0), axis)],
      reference: (x) => [normalised(at(x, 0), axis, last)],
    };
  };
}

// At ε = 0.1 also a width of 1 and nearly equal entries are well conditioned.
function layerNorm(random: Random): OpCase {
  const epsilon = 0.1;
  const shape = [...drawShape(random, { least: 1, most: 3 }), 1 + random.integer(5)];
  const width = [at(shape, shape.length - 1)];
  const bias = random.integer(2) === 0 ? [drawNormals(random, width)] : [];
  const axes = [shape.length - 1];
  const average = (values: readonly number[]): number => total(values) / values.length;
  return {
    inputs: [drawNormals(random, shape), drawPositives(random, width), ...bias],
    build: (g, x) => [
      g.layerNorm(at(x, 0), at(x, 1), x[2] === undefined ? { epsilon } : { epsilon, bias: x[2] }),
    ],
    reference: ([x, w, b]) => {
      if (!x || !w) return [];
      const mean = fold(x, axes, average);
      const spread = fold(x, axes, (values) =>
        Math.sqrt(average(values.map((value) => (value - average(values)) ** 2)) + epsilon),
      );
      const unit = stretch((v = 0, m = 0, s = 1, k = 0) => (k * (v - m)) / s, [x, mean, spread, w]);
      return [b ? stretch((u = 0, v = 0) => u + v, [unit, b]) : unit];
    },
  };
}

function rmsNorm(random: Random): OpCase {
  const epsilon = 0.1;
  const shape = [...drawShape(random, { least: 1, most: 3 }), 1 + random.integer(5)];
  const square = (values: readonly number[]): number => total(values.map((value) => value ** 2));
  return {
    inputs: [drawNormals(random, shape), drawPositives(random, shape.slice(-1))],
    build: (g, x) => [g.rmsNorm(at(x, 0), at(x, 1), epsilon)],
    reference: ([x, w]) => {
      if (!x || !w) return [];
      const size = fold(x, [shape.length - 1], (values) =>
        Math.sqrt(square(values) / values.length + epsilon),
      );
      return [stretch((v = 0, s = 1, k = 0) => (k * v) / s, [x, size, w])];
    },
  };
}

/** Cases of products, normalisation and softmax. */
export const linearCases = {
  matMul,
  gemm,
  softmax: softmaxCase(false),
  logSoftmax: softmaxCase(true),
  layerNorm,
  rmsNorm,
} as const satisfies { readonly [name: string]: CaseMaker };
