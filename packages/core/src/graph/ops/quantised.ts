import { Bug } from '../../text/index.js';
import type { GraphCore, Value } from '../graph.js';
import { dimOf } from '../shapes.js';
import { add } from './elementwise.js';
import { gather } from './index-ops.js';
import { gemm } from './linear.js';
import { sum } from './reduce.js';
import { concat, reshape, slice, unsqueeze } from './shape.js';

/** Numbers of one row that share a scale. */
const BLOCK = 32;

/**
 * A matrix `[rows, columns]` of 4 or 8 bits, each row in blocks of 32 numbers x = scale·(q − zero) + offset, the last one filled up;
 * `zero` is the middle, 8 or 128, without `zeros`. Of 4 bits, the first of two numbers lies in a byte's lower half.
 */
export interface PackedMatrix {
  readonly bits: 4 | 8;
  readonly columns: number;
  /** uint8 `[rows, blocks, 4·bits]`; of a table whose rows are looked up, `[rows, blocks·4·bits]`. */
  readonly values: Value;
  /** float32 `[rows, blocks]`. */
  readonly scales: Value;
  /** uint8 `[rows, ⌈blocks·bits/8⌉]`. */
  readonly zeros?: Value;
  /** float32 `[rows, blocks]`, of whole blocks only; 0 when absent. */
  readonly offsets?: Value;
}

/**
 * y = x·Wᵀ + c for x `[rows, columns of W]` and c `[rows of W]`. The kernel rounds x to 8 bits too, each block of a row by
 * its own largest number; with `exact` it does not, and is many times slower.
 */
export function matMulNBits(
  g: GraphCore,
  x: Value,
  matrix: PackedMatrix,
  { c, exact = false }: { readonly c?: Value; readonly exact?: boolean } = {},
): Value {
  const { bits, columns, values, scales, zeros, offsets } = matrix;
  if (dimOf(x, 1) !== columns)
    throw new Bug('VF918', `[${x.shape.join(', ')}] · ${columns} columns`);
  const rows = Number(dimOf(values, 0));
  const all = [x, values, scales, zeros, undefined, c];
  const inputs = all.slice(0, all.findLastIndex((value) => value !== undefined) + 1);
  const attributes = { K: columns, N: rows, bits, block_size: BLOCK };
  const results = [{ dtype: 'float32', shape: [dimOf(x, 0), rows] }] as const;
  const accuracy = { accuracy_level: exact ? 1 : 4 };
  const [y] = g.node('MatMulNBits', inputs, results, { ...attributes, ...accuracy });
  if (!offsets) return y as Value;
  // Σ_k x_k·(w_k + o) = Σ_k x_k·w_k + o·Σ_k x_k over each block.
  const sums = sum(g, inBlocks(g, x), [2]);
  return add(g, y as Value, gemm(g, sums, offsets, { transB: true }));
}

/** Rows of whole blocks, block by block: `[rows, blocks, 32]`. */
function inBlocks(g: GraphCore, x: Value): Value {
  return reshape(g, x, [dimOf(x, 0), Number(dimOf(x, 1)) / BLOCK, BLOCK]);
}

/** Rows of a packed matrix at `indices` (any shape), as float32 `[...indices, columns]`. */
export function gatherBlockQuantized(g: GraphCore, matrix: PackedMatrix, indices: Value): Value {
  const { bits, columns, values, scales, zeros, offsets } = matrix;
  const [rows, blocks] = [dimOf(scales, 0), Number(dimOf(scales, 1))];
  const width = (blocks * BLOCK * bits) / 8;
  const table = values.shape.length === 2 ? values : reshape(g, values, [rows, width]);
  const inputs = [table, indices, scales, ...(zeros ? [zeros] : [])];
  const shape = [...indices.shape, blocks * BLOCK];
  const attributes = { bits, block_size: BLOCK, gather_axis: 0, quantize_axis: 1 };
  const found = g.node('GatherBlockQuantized', inputs, [{ dtype: 'float32', shape }], attributes);
  if (!offsets) return firstOf(g, found[0] as Value, columns);
  const own = unsqueeze(g, gather(g, offsets, indices), [-1]);
  const apart = reshape(g, found[0] as Value, [...indices.shape, blocks, BLOCK]);
  return reshape(g, add(g, apart, own), shape);
}

/** x = scale·(q − zero) for q uint8 `[rows, columns]`, with `scales` float32 and `zeros` uint8 `[rows, columns/32]`. */
export function dequantizeLinear(g: GraphCore, q: Value, scales: Value, zeros: Value): Value {
  return g.node('DequantizeLinear', [q, scales, zeros], [{ dtype: 'float32', shape: q.shape }], {
    axis: 1,
    block_size: BLOCK,
  })[0] as Value;
}

/** Those bits of the bytes `x` that `mask` has. */
export function bitwiseAnd(g: GraphCore, x: Value, mask: number): Value {
  const bits = g.constant({ dtype: 'uint8', shape: [], data: Uint8Array.of(mask) });
  return g.node('BitwiseAnd', [x, bits], [{ dtype: 'uint8', shape: x.shape }])[0] as Value;
}

/** The bytes `x` without their lowest `count` bits: ⌊x/2^count⌋. */
export function bitShiftRight(g: GraphCore, x: Value, count: number): Value {
  const bits = g.constant({ dtype: 'uint8', shape: [], data: Uint8Array.of(count) });
  const attributes = { direction: 'RIGHT' };
  return g.node(
    'BitShift',
    [x, bits],
    [{ dtype: 'uint8', shape: x.shape }],
    attributes,
  )[0] as Value;
}

/**
 * The numbers of a packed matrix as float32 `[rows, columns]`. What comes before the last operator depends on constants
 * only, so that the runtime may do it once: one byte per number is then kept, never four.
 */
export function dequantised(g: GraphCore, matrix: PackedMatrix): Value {
  const { bits, columns, values, scales, offsets } = matrix;
  const [rows, blocks] = [Number(dimOf(values, 0)), Number(dimOf(values, 1))];
  const split = (bytes: Value, count: number): Value =>
    firstOf(g, bits === 8 ? bytes : nibbles(g, bytes), count);
  const q = split(reshape(g, values, [rows, (blocks * BLOCK * bits) / 8]), columns);
  const zeros = matrix.zeros ? split(matrix.zeros, blocks) : middles(g, [rows, blocks], bits);
  const numbers = dequantizeLinear(g, q, scales, zeros);
  if (!offsets) return numbers;
  return reshape(g, add(g, inBlocks(g, numbers), unsqueeze(g, offsets, [2])), numbers.shape);
}

/** Bytes `[rows, n]` → their lower and upper halves in turn, `[rows, 2n]`. */
function nibbles(g: GraphCore, bytes: Value): Value {
  const halves = [bitwiseAnd(g, bytes, 15), bitShiftRight(g, bytes, 4)];
  const pairs = halves.map((half) => unsqueeze(g, half, [2]));
  return reshape(g, concat(g, pairs, 2), [dimOf(bytes, 0), 2 * Number(dimOf(bytes, 1))]);
}

function firstOf(g: GraphCore, x: Value, columns: number): Value {
  return dimOf(x, -1) === columns ? x : slice(g, x, -1, { start: 0, end: columns });
}

function middles(g: GraphCore, shape: readonly [number, number], bits: 4 | 8): Value {
  const data = new Uint8Array(shape[0] * shape[1]).fill(2 ** (bits - 1));
  return g.constant({ dtype: 'uint8', shape, data });
}
