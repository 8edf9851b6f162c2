import { sizeOf } from '@vflair/core/tensor';

/** Numbers of one row that share a scale; the last block of a row is filled up. */
export const BLOCK = 32;

/** What blocks have besides scales: a whole number that stands for zero, or an offset that is added; else neither. */
export type BlockShift = 'zeros' | 'offsets' | 'none';

/** What blocks are made for: a matrix `[rows, columns]` of so many bits. */
export interface BlockForm {
  readonly bits: 4 | 8;
  readonly rows: number;
  readonly columns: number;
  readonly shift: BlockShift;
}

/** A matrix in blocks of few bits, x = scale·(q − zero) + offset, as a `PackedMatrix` of the graph has it. */
export interface PackedBlocks extends BlockForm {
  readonly values: Uint8Array;
  readonly scales: Float32Array;
  /** Empty where all are the middle, 8 or 128. */
  readonly zeros: Uint8Array;
  /** Empty where all are 0. */
  readonly offsets: Float32Array;
}

/** Shapes of the tensors of a packed matrix; those it does without have no columns. */
export function blockShapes({ bits, rows, columns, shift }: BlockForm) {
  const blocks = Math.ceil(columns / BLOCK);
  return {
    values: [rows, blocks, 4 * bits],
    scales: [rows, blocks],
    zeros: [rows, shift === 'zeros' ? Math.ceil((blocks * bits) / 8) : 0],
    offsets: [rows, shift === 'offsets' ? blocks : 0],
  } as const;
}

/** Room for a matrix. */
export function emptyBlocks(form: BlockForm): PackedBlocks {
  const { values, scales, zeros, offsets } = blockShapes(form);
  return {
    ...form,
    values: new Uint8Array(sizeOf(values)),
    scales: new Float32Array(sizeOf(scales)),
    zeros: new Uint8Array(sizeOf(zeros)),
    offsets: new Float32Array(sizeOf(offsets)),
  };
}

/** Rounds `floats`, rows of `into` from row `first` on, to 4 bits with zeros or to 8 bits without. */
export function packRows(into: PackedBlocks, first: number, floats: Float32Array): void {
  const blocks = Math.ceil(into.columns / BLOCK);
  const quanta = new Uint8Array(BLOCK);
  for (let row = 0; row * into.columns < floats.length; row++) {
    const line = floats.subarray(row * into.columns, (row + 1) * into.columns);
    for (let block = 0; block < blocks; block++) {
      const x = line.subarray(block * BLOCK, (block + 1) * BLOCK);
      const place = (first + row) * blocks + block;
      if (into.bits === 8) into.scales[place] = eightBits(x, quanta);
      else {
        const { scale, zero } = fourBits(x, quanta);
        into.scales[place] = scale;
        const width = Math.ceil(blocks / 2);
        const byte = (first + row) * width + (block >> 1);
        into.zeros[byte] = (into.zeros[byte] ?? 0) | (zero << (4 * (block & 1)));
      }
      writeQuanta(into, place, quanta);
    }
  }
}

/** Writes the 32 quanta of one block. */
export function writeQuanta({ bits, values }: PackedBlocks, block: number, q: Uint8Array): void {
  if (bits === 8) {
    values.set(q, block * BLOCK);
    return;
  }
  for (let j = 0; j < BLOCK / 2; j++)
    values[block * (BLOCK / 2) + j] = (q[2 * j] ?? 0) | ((q[2 * j + 1] ?? 0) << 4);
}

// x ≈ s·(q − 128), s = max |x|/127.
function eightBits(x: Float32Array, quanta: Uint8Array): number {
  let largest = 0;
  for (let i = 0; i < x.length; i++) largest = Math.max(largest, Math.abs(x[i] ?? 0));
  const scale = Math.fround(largest / 127);
  quanta.fill(128);
  if (scale === 0) return 0;
  for (let i = 0; i < x.length; i++)
    quanta[i] = Math.max(1, Math.min(255, Math.round((x[i] ?? 0) / scale) + 128));
  return scale;
}

/** How often a scale is fitted to its quanta and the quanta to it; more changes next to nothing. */
const FITS = 2;

// x ≈ s·(q − z) with 0 among the numbers that can be said: s and z from the range of the block, then, in turn, the q
// nearest to x/s + z and the s that makes Σ(x − s·(q − z))² least. Neither step can make that sum larger.
function fourBits(x: Float32Array, quanta: Uint8Array): { scale: number; zero: number } {
  let [low, high] = [0, 0];
  for (let i = 0; i < x.length; i++) {
    low = Math.min(low, x[i] ?? 0);
    high = Math.max(high, x[i] ?? 0);
  }
  let scale = (high - low) / 15;
  const zero = scale > 0 ? Math.round(-low / scale) : 8;
  quanta.fill(zero);
  if (Math.fround(scale) === 0) return { scale: 0, zero };
  nearest(x, quanta, { scale, zero });
  for (let fit = 0; fit < FITS; fit++) {
    scale = Math.fround(fitted(x, quanta, zero) || scale);
    nearest(x, quanta, { scale, zero });
  }
  return { scale, zero };
}

function nearest(
  x: Float32Array,
  quanta: Uint8Array,
  { scale, zero }: { scale: number; zero: number },
): void {
  for (let i = 0; i < x.length; i++)
    quanta[i] = Math.max(0, Math.min(15, Math.round((x[i] ?? 0) / scale) + zero));
}

function fitted(x: Float32Array, quanta: Uint8Array, zero: number): number {
  let [product, square] = [0, 0];
  for (let i = 0; i < x.length; i++) {
    const q = (quanta[i] ?? 0) - zero;
    product += (x[i] ?? 0) * q;
    square += q * q;
  }
  return square === 0 ? 0 : product / square;
}
