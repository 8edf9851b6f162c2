import { finding } from '@vflair/core/text';
import { architectureOf, ggufConfig } from './gguf-config.js';
import { type GgufHeader, type GgufTensor, readGgufHeader } from './gguf-header.js';
import { type GgufChange, ggufName } from './gguf-names.js';
import type { StoredTensor } from './safetensors-header.js';
import { shortName } from './stored-type.js';

/** A tensor of a GGUF file under its checkpoint key; `restore` undoes what the converter did to its numbers. */
export interface RestoredTensor extends StoredTensor {
  readonly restore?: (floats: Float32Array) => Float32Array;
  /** Where `restore` only moves whole rows: `from` gives the row of the file, `turned` what the file has the other way round. */
  readonly moves?: { readonly turned: boolean; readonly from: (row: number) => number };
}

/**
 * Tensors of a GGUF file as a Hugging Face checkpoint has them, by checkpoint key. Raises VF510–VF515 as the file says,
 * VF536 and VF532 for an architecture, a property or a tensor that is not mapped.
 */
export function ggufTensors(file: string): {
  readonly tensors: ReadonlyMap<string, RestoredTensor>;
  readonly metadata: ReadonlyMap<string, string>;
} {
  const header = readGgufHeader(file);
  const architecture = architectureOf(file, header);
  const config = ggufConfig(file, header);
  const tensors = new Map<string, RestoredTensor>();
  for (const [name, tensor] of header.tensors) {
    const known = ggufName(architecture, name);
    if (!known) throw unknownTensor(file, name, architecture);
    const heads = name.includes('attn_k.') ? config.num_key_value_heads : undefined;
    const count = Number(heads ?? config.num_attention_heads);
    tensors.set(known.key, restored(file, tensor, known.change, count));
  }
  return { tensors, metadata: textsOf(header) };
}

function textsOf({ metadata }: GgufHeader): Map<string, string> {
  return new Map(
    [...metadata].flatMap(([key, value]): [string, string][] =>
      typeof value === 'string' ? [[key, value]] : [],
    ),
  );
}

function unknownTensor(file: string, name: string, architecture: string): Error {
  return finding(
    'VF532',
    `\`${file}\` has a tensor \`${shortName(name)}\`, which is not computed from ${architecture} GGUF files`,
    'use the checkpoint in safetensors format',
  );
}

function restored(
  file: string,
  { type, shape, offset, length }: GgufTensor,
  change: GgufChange | undefined,
  heads: number,
): RestoredTensor {
  const stored = { dtype: type, shape, file, offset, length };
  const [rows = 1, columns = 1] = shape;
  switch (change) {
    case undefined:
      return stored;
    case 'one-added':
      return { ...stored, restore: (floats) => floats.map((x) => x - 1) };
    case 'transposed':
      return {
        ...stored,
        shape: [columns, rows],
        restore: (floats) => transposed(floats, rows, columns),
        moves: { turned: true, from: (row) => row },
      };
    case 'rotary':
      if (!Number.isInteger(rows / heads / 2)) {
        throw finding(
          'VF534',
          `a query or key of \`${file}\` has ${rows} rows for ${heads} heads`,
          'fetch or write the file again',
        );
      }
      return {
        ...stored,
        restore: (floats) => rotaryRows(floats, rows, heads),
        moves: { turned: false, from: rotaryRow(rows, heads) },
      };
  }
}

/** A matrix of `rows` rows, turned: its columns become rows. */
export function transposed(floats: Float32Array, rows: number, columns: number): Float32Array {
  const turned = new Float32Array(floats.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++)
      turned[column * rows + row] = floats[row * columns + column] ?? 0;
  }
  return turned;
}

// The converter puts rows that turn together side by side: rows i and i + d/2 of a head of d become 2i and 2i + 1.
function rotaryRow(rows: number, heads: number): (row: number) => number {
  const size = rows / heads;
  return (row) => {
    const [head, inside] = [Math.floor(row / size), row % size];
    return head * size + 2 * (inside % (size / 2)) + Math.floor((2 * inside) / size);
  };
}

function rotaryRows(floats: Float32Array, rows: number, heads: number): Float32Array {
  const width = floats.length / rows;
  const [restored, rowOf] = [new Float32Array(floats.length), rotaryRow(rows, heads)];
  for (let row = 0; row < rows; row++) {
    const from = rowOf(row);
    restored.set(floats.subarray(from * width, (from + 1) * width), row * width);
  }
  return restored;
}
