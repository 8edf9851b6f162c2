import type { Graph, PackedMatrix } from '../../graph/index.js';
import { floatTensor, type Random, type Tensor } from '../../tensor/index.js';
import { at } from '../../text/index.js';
import { drawIntegers, drawNormals, drawPositives, drawShape } from '../draws.js';
import { fill, type Numbers, pick, stretch, total } from '../numbers.js';
import { allFixed, type CaseMaker, type OpCase } from './op-case.js';

/** A packed matrix, and the numbers it stands for. */
export interface PackedCase {
  readonly numbers: Numbers;
  readonly matrix: (g: Graph) => PackedMatrix;
}

/** Random quanta, scales and, now and then, zeros and offsets of a matrix `[rows, columns]`. */
export function drawPacked(random: Random, [rows, columns]: readonly [number, number]): PackedCase {
  const bits = random.integer(2) === 0 ? 4 : 8;
  const blocks = Math.ceil(columns / 32);
  const quanta = drawBytes(random, [rows, blocks * 32], 2 ** bits);
  const scales = drawPositives(random, [rows, blocks]);
  const zeros = random.integer(2) === 0 ? drawBytes(random, [rows, blocks], 2 ** bits) : undefined;
  const isWhole = columns % 32 === 0 && random.integer(2) === 0;
  const offsets = isWhole ? drawNormals(random, [rows, blocks]) : undefined;
  const numbers = fill([rows, columns], ([row = 0, column = 0]) => {
    const block = row * blocks + Math.floor(column / 32);
    const zero = zeros ? at([...zeros.data], block) : 2 ** (bits - 1);
    const quantum = at([...quanta.data], row * blocks * 32 + column);
    return at([...scales.data], block) * (quantum - zero) + (offsets?.data[block] ?? 0);
  });
  const packed = (bytes: Tensor<'uint8'>): Tensor<'uint8'> => (bits === 8 ? bytes : halved(bytes));
  const values = { ...packed(quanta), shape: [rows, blocks, 4 * bits] };
  return {
    numbers,
    matrix: (g) => ({
      bits,
      columns,
      values: g.constant(values),
      scales: g.constant(scales),
      ...(zeros ? { zeros: g.constant(packed(zeros)) } : {}),
      ...(offsets ? { offsets: g.constant(offsets) } : {}),
    }),
  };
}

function drawBytes(random: Random, shape: readonly number[], below: number): Tensor<'uint8'> {
  const length = shape.reduce((product, size) => product * size, 1);
  const data = Uint8Array.from({ length }, () => random.integer(below));
  return { dtype: 'uint8', shape, data };
}

/** Two numbers of a row in a byte, the first in its lower half; a row of odd length ends in half a byte. */
function halved({ shape: [rows = 0, columns = 0], data }: Tensor<'uint8'>): Tensor<'uint8'> {
  const width = Math.ceil(columns / 2);
  const bytes = Uint8Array.from({ length: rows * width }, (_, i) => {
    const [row, column] = [Math.floor(i / width), 2 * (i % width)];
    const second = column + 1 < columns ? (data[row * columns + column + 1] ?? 0) : 0;
    return (data[row * columns + column] ?? 0) | (second << 4);
  });
  return { dtype: 'uint8', shape: [rows, width], data: bytes };
}

const drawColumns = (random: Random): number => at([3, 32, 40, 64, 96], random.integer(5));

// y[i, j] = Σ_k x[i, k]·W[j, k] + c[j].
function matMulNBits(random: Random): OpCase {
  const [height, rows, columns] = [
    1 + random.integer(4),
    1 + random.integer(4),
    drawColumns(random),
  ];
  const { numbers, matrix } = drawPacked(random, [rows, columns]);
  // Small, so that float32 sums of some hundred quanta stay as exact as the kit expects.
  const small = drawNormals(random, [height, columns]).data.map((x) => x / 16);
  const c = random.integer(2) === 0 ? [drawNormals(random, [rows])] : [];
  return {
    inputs: [floatTensor([height, columns], small), ...c],
    fixed: [
      [0, 1],
      [1, 0],
    ],
    build: (g, x) => [
      g.matMulNBits(at(x, 0), matrix(g), { exact: true, ...(x[1] ? { c: x[1] } : {}) }),
    ],
    reference: ([x, bias]) => {
      if (!x) return [];
      const y = fill([height, rows], ([i = 0, j = 0]) =>
        total(Array.from({ length: columns }, (_, k) => pick(x, [i, k]) * pick(numbers, [j, k]))),
      );
      return [bias ? stretch((p = 0, q = 0) => p + q, [y, bias]) : y];
    },
  };
}

function gatherBlockQuantized(random: Random): OpCase {
  const [rows, columns] = [1 + random.integer(4), drawColumns(random)];
  const { numbers, matrix } = drawPacked(random, [rows, columns]);
  return {
    inputs: [drawIntegers(random, drawShape(random, { least: 1, most: 2 }), rows)],
    build: (g, x) => [g.gatherBlockQuantized(matrix(g), at(x, 0))],
    reference: ([indices]) => {
      if (!indices) return [];
      return [
        fill([...indices.shape, columns], (place) =>
          pick(numbers, [pick(indices, place.slice(0, -1)), place.at(-1) ?? 0]),
        ),
      ];
    },
  };
}

function dequantised(random: Random): OpCase {
  const { numbers, matrix } = drawPacked(random, [1 + random.integer(4), drawColumns(random)]);
  return { inputs: [], build: (g) => [g.dequantised(matrix(g))], reference: () => [numbers] };
}

// x = s·(q − z), with s and z of q's block.
function dequantizeLinear(random: Random): OpCase {
  const [rows, blocks] = [1 + random.integer(3), 1 + random.integer(3)];
  const inputs = [
    drawBytes(random, [rows, 32 * blocks], 256),
    drawPositives(random, [rows, blocks]),
    drawBytes(random, [rows, blocks], 256),
  ];
  return {
    inputs,
    fixed: allFixed(inputs),
    withheld: true,
    build: (g, x) => [g.dequantizeLinear(at(x, 0), at(x, 1), at(x, 2))],
    reference: ([q, s, z]) => {
      if (!q || !s || !z) return [];
      return [
        fill(q.shape, ([row = 0, column = 0]) => {
          const block = [row, Math.floor(column / 32)];
          return pick(s, block) * (pick(q, [row, column]) - pick(z, block));
        }),
      ];
    },
  };
}

function bytewise(
  build: (g: Graph, x: PackedMatrix['values'], n: number) => PackedMatrix['values'],
  reference: (x: number, n: number) => number,
): CaseMaker {
  return (random) => {
    const n = random.integer(8);
    return {
      inputs: [drawBytes(random, [1 + random.integer(4), 1 + random.integer(4)], 256)],
      build: (g, x) => [build(g, at(x, 0), n)],
      reference: ([x]) => (x ? [stretch((value = 0) => reference(value, n), [x])] : []),
    };
  };
}

/** Cases of packed matrices. */
export const quantisedCases = {
  matMulNBits,
  gatherBlockQuantized,
  dequantised,
  dequantizeLinear,
  bitwiseAnd: bytewise(
    (g, x, n) => g.bitwiseAnd(x, 2 ** n - 1),
    (x, n) => x % 2 ** n,
  ),
  bitShiftRight: bytewise(
    (g, x, n) => g.bitShiftRight(x, n),
    (x, n) => Math.floor(x / 2 ** n),
  ),
} as const satisfies { readonly [name: string]: CaseMaker };
