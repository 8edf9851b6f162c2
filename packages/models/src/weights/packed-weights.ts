import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { PackedWeight, StoredPart } from '@vflair/core/contract';
import { type FloatTensor, sizeOf } from '@vflair/core/tensor';
import type { Checkpoint } from './checkpoint.js';
import { isSame, moveRows, shiftOf } from './gguf-blocks.js';
import { type RestoredTensor, transposed } from './gguf-tensors.js';
import { ALIGNMENT, sourceDigest } from './mapped-weights.js';
import {
  type BlockForm,
  blockShapes,
  emptyBlocks,
  type PackedBlocks,
  packRows,
} from './pack-blocks.js';
import { replaceFile } from './write-safetensors.js';

/** How a matrix is wanted: its bits, and how the family stores it. */
export interface Packing {
  readonly bits: 4 | 8;
  readonly layout: 'out-in' | 'in-out';
}

/** Numbers that are rounded at once. */
const PIECE = 2 ** 18;
/** Goes up when the same numbers are rounded in another way. */
const EDITION = 1;
/** In the order in which a file has them. */
const PARTS = ['values', 'scales', 'zeros', 'offsets'] as const;

/**
 * A matrix of a checkpoint as `[out, in]` in blocks, which a runtime can map. It is rounded once into a file of `cache`,
 * named by its source and {@link Packing}, and found there the next time; 4 bits of a Q4_0 or Q4_1 and 8 of a Q8_0 tensor
 * are its very numbers. Raises VF513, VF517, VF518, VF570.
 */
export function mappedBlocks(
  checkpoint: Checkpoint,
  key: string,
  { cache, ...packing }: Packing & { readonly cache: string },
): PackedWeight {
  const stored = checkpoint.find(key);
  const form = formOf(stored, packing);
  const digest = sourceDigest(new Map([[key, stored]]));
  const file = join(cache, `${digest}.${packing.layout}.${EDITION}.q${form.bits}`);
  const { parts, end } = placesIn(file, form);
  if (statSync(file, { throwIfNoEntry: false })?.size !== end) {
    mkdirSync(cache, { recursive: true });
    replaceFile(file, bytesOf(packStored(checkpoint, key, { form, stored, packing })));
  }
  return weightOf(form, parts);
}

/** A matrix that no file has, in blocks. */
export function blocksInMemory({ shape, data }: FloatTensor, packing: Packing): PackedWeight {
  const form = formOf({ dtype: 'F32', shape }, packing);
  const into = emptyBlocks(form);
  packRows(into, 0, standing(data, form, packing));
  const shapes = blockShapes(form);
  const { values, scales, zeros, offsets } = into;
  return weightOf(form, {
    values: { dtype: 'uint8', shape: shapes.values, data: values },
    scales: { dtype: 'float32', shape: shapes.scales, data: scales },
    zeros: { dtype: 'uint8', shape: shapes.zeros, data: zeros },
    offsets: { dtype: 'float32', shape: shapes.offsets, data: offsets },
  });
}

type Parts = { readonly [Name in (typeof PARTS)[number]]: StoredPart };

function weightOf({ bits, columns, shift }: BlockForm, parts: Parts): PackedWeight {
  const { values, scales, zeros, offsets } = parts;
  return {
    ...{ bits, columns, values, scales },
    ...(shift === 'zeros' ? { zeros } : {}),
    ...(shift === 'offsets' ? { offsets } : {}),
  };
}

/** Where in a file each tensor lies, one after the other at aligned places, and how long the file is. */
function placesIn(file: string, form: BlockForm): { readonly parts: Parts; readonly end: number } {
  let end = 0;
  const shapes = blockShapes(form);
  const place = (name: (typeof PARTS)[number]): StoredPart => {
    const dtype = name === 'scales' || name === 'offsets' ? 'float32' : 'uint8';
    const length = sizeOf(shapes[name]) * (dtype === 'float32' ? 4 : 1);
    const offset = end;
    end = aligned(offset + length);
    return { dtype, shape: shapes[name], external: { file, offset, length } };
  };
  const parts = {
    values: place('values'),
    scales: place('scales'),
    zeros: place('zeros'),
    offsets: place('offsets'),
  };
  return { parts, end };
}

function formOf(
  { dtype, shape: [first = 0, second = 0] }: Pick<RestoredTensor, 'dtype' | 'shape'>,
  { bits, layout }: Packing,
): BlockForm {
  const [rows, columns] = layout === 'in-out' ? [second, first] : [first, second];
  if (isSame(dtype, bits)) return { bits, rows, columns, shift: shiftOf(dtype) };
  return { bits, rows, columns, shift: bits === 4 ? 'zeros' : 'none' };
}

/** The numbers of `[out, in]`, whichever way they are stored. */
function standing(
  floats: Float32Array<ArrayBufferLike>,
  { rows, columns }: BlockForm,
  { layout }: Packing,
): Float32Array {
  const own = new Float32Array(floats.buffer as ArrayBuffer, floats.byteOffset, floats.length);
  return layout === 'in-out' ? transposed(own, columns, rows) : own;
}

interface Source {
  readonly form: BlockForm;
  readonly stored: RestoredTensor;
  readonly packing: Packing;
}

function packStored(checkpoint: Checkpoint, key: string, source: Source): PackedBlocks {
  const { form, packing, stored } = source;
  const { moves, restore, dtype } = stored;
  const into = emptyBlocks(form);
  const isTurned = packing.layout === 'in-out';
  const liesAsWanted = restore === undefined ? !isTurned : moves?.turned === isTurned;
  if (!liesAsWanted) {
    packRows(into, 0, standing(checkpoint.read(key).data, form, packing));
    return into;
  }
  const step = Math.max(1, Math.floor(PIECE / form.columns));
  if (isSame(dtype, form.bits)) checkpoint.check(key);
  for (let first = 0; first < form.rows; first += step) {
    const rows = { first, end: Math.min(first + step, form.rows), of: form.rows };
    if (isSame(dtype, form.bits))
      moveRows(into, first, { type: dtype, bytes: checkpoint.rowBytes(key, rows) });
    else packRows(into, first, checkpoint.readRows(key, rows));
  }
  return moves ? reordered(into, moves.from) : into;
}

/** Row r is row `from(r)` of `blocks`. */
function reordered(blocks: PackedBlocks, from: (row: number) => number): PackedBlocks {
  const into = emptyBlocks(blocks);
  for (const part of PARTS) {
    const width = blocks[part].length / blocks.rows;
    for (let row = 0; row < blocks.rows; row++)
      into[part].set(
        blocks[part].subarray(from(row) * width, (from(row) + 1) * width),
        row * width,
      );
  }
  return into;
}

const aligned = (length: number): number => Math.ceil(length / ALIGNMENT) * ALIGNMENT;

function* bytesOf(blocks: PackedBlocks): Iterable<Uint8Array> {
  for (const part of PARTS) {
    const { buffer, byteOffset, byteLength } = blocks[part];
    yield new Uint8Array(buffer, byteOffset, byteLength);
    yield new Uint8Array(aligned(byteLength) - byteLength);
  }
}
