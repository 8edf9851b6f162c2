import { closeSync, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type FloatTensor, floatTensor, type IntTensor, intTensor } from '@vflair/core/tensor';
import { finding } from '@vflair/core/text';
import { findOnnx } from '../onnx/find-onnx.js';
import { onnxTensors } from '../onnx/onnx-tensors.js';
import { nearestNames } from '../text/nearest-names.js';
import { dequantiser } from './dequantise/index.js';
import { readBytes } from './file-bytes.js';
import { findGguf } from './find-gguf.js';
import { ggufTensors, type RestoredTensor } from './gguf-tensors.js';
import { isQuantised, layoutOf } from './gguf-types.js';
import { openFile, readSafetensorsHeader } from './safetensors-header.js';
import { readShards } from './shards.js';
import { firstNonFinite, widenFloats, widenIntegers } from './widen.js';

/** An open set of weights: what it holds, and its numbers on request. */
export interface Checkpoint {
  readonly tensors: ReadonlyMap<string, RestoredTensor>;
  readonly metadata: ReadonlyMap<string, string>;
  /** The tensor as float32 (F16 and BF16 exactly, F64 rounded, GGUF blocks as ggml reads them). Raises VF513 (no float), VF517 (no such tensor), VF518 (NaN or infinity). */
  read(key: string): FloatTensor;
  /** The tensor as int64. Raises VF513 (no integer), VF517 (no such tensor). */
  readInt(key: string): IntTensor;
  /** Some of the equal rows of a float tensor as they lie in its file, nothing restored. Raises as `read`. */
  readRows(key: string, rows: Rows): Float32Array;
  /** The bytes of these rows. */
  rowBytes(key: string, rows: Rows): Uint8Array;
  /** Where the tensor lies; VF517 where it does not. */
  find(key: string): RestoredTensor;
  /** Raises VF518 where a float tensor holds NaN or an infinity; reads it piece by piece. */
  check(key: string): void;
  close(): void;
}

/** Rows `[first, end)` of `of`. */
export interface Rows {
  readonly first: number;
  readonly end: number;
  readonly of: number;
}

/** Names of weights in a folder, in the order they are looked for. */
const FILE = 'model.safetensors';
const INDEX = 'model.safetensors.index.json';
/** Bytes checked at once. */
const PIECE = 2 ** 24;

/**
 * Opens the weights of a folder (`model.safetensors`, its shards as `model.safetensors.index.json` lists them, or its
 * one GGUF or ONNX file), one safetensors, GGUF or ONNX file. Only headers are read; a tensor's bytes are read when asked for.
 * Raises VF510–VF516, and of a GGUF file VF532, VF534 and VF536.
 */
export function openCheckpoint(path: string): Checkpoint {
  const { tensors, metadata } = findTensors(path);
  return new FileCheckpoint(path, tensors, metadata);
}

function findTensors(path: string): Pick<Checkpoint, 'tensors' | 'metadata'> {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  const onnx = findOnnx(path);
  if (onnx !== undefined) return onnxTensors(onnx);
  if (!isFolder) return path.endsWith('.gguf') ? ggufTensors(path) : readSafetensorsHeader(path);
  if (existsSync(join(path, FILE))) return readSafetensorsHeader(join(path, FILE));
  if (existsSync(join(path, INDEX))) return readShards(path, INDEX);
  const packed = findGguf(path);
  const [only] = packed;
  if (only !== undefined && packed.length === 1) return ggufTensors(only);
  throw finding(
    'VF510',
    `folder \`${path}\` has ${packed.length > 1 ? `${packed.length} GGUF files` : 'no weights'}`,
    packed.length > 1
      ? 'name the one to use'
      : `it should hold ${FILE}, ${INDEX} or one GGUF file; convert other formats to safetensors first`,
  );
}

class FileCheckpoint implements Checkpoint {
  readonly tensors: ReadonlyMap<string, RestoredTensor>;
  readonly metadata: ReadonlyMap<string, string>;
  readonly #dequantise = dequantiser();
  readonly #path: string;
  readonly #open = new Map<string, number>();

  constructor(
    path: string,
    tensors: ReadonlyMap<string, RestoredTensor>,
    metadata: ReadonlyMap<string, string>,
  ) {
    this.#path = path;
    this.tensors = tensors;
    this.metadata = metadata;
  }

  read(key: string): FloatTensor {
    const stored = this.find(key);
    const floats = this.#floats(key, stored);
    return floatTensor(stored.shape, stored.restore ? stored.restore(floats) : floats);
  }

  readInt(key: string): IntTensor {
    const stored = this.find(key);
    const { dtype } = stored;
    const integers = isQuantised(dtype) ? undefined : widenIntegers(dtype, this.#bytes(stored));
    if (integers === undefined) throw wrongType(key, stored, 'integer');
    return intTensor(stored.shape, integers);
  }

  readRows(key: string, rows: Rows): Float32Array {
    return this.#floats(key, rowsOf(this.find(key), rows));
  }

  rowBytes(key: string, rows: Rows): Uint8Array {
    return this.#bytes(rowsOf(this.find(key), rows));
  }

  close(): void {
    for (const descriptor of this.#open.values()) closeSync(descriptor);
    this.#open.clear();
  }

  check(key: string): void {
    const stored = this.find(key);
    // A piece is a number of whole blocks.
    const unit = isQuantised(stored.dtype) ? layoutOf(stored.dtype).bytes : 8;
    const piece = PIECE - (PIECE % unit);
    for (let done = 0; done < stored.length; done += piece) {
      const length = Math.min(piece, stored.length - done);
      this.#floats(key, { ...stored, offset: stored.offset + done, length });
    }
  }

  find(key: string): RestoredTensor {
    const stored = this.tensors.get(key);
    if (stored !== undefined) return stored;
    const near = nearestNames(key, this.tensors.keys());
    throw finding(
      'VF517',
      `weights \`${this.#path}\` have no tensor \`${key}\``,
      near.length === 0 ? 'they are empty' : `nearest are ${near.join(', ')}`,
    );
  }

  #floats(key: string, stored: RestoredTensor): Float32Array {
    const { dtype } = stored;
    const floats = isQuantised(dtype)
      ? this.#dequantise(dtype, this.#bytes(stored))
      : widenFloats(dtype, this.#bytes(stored));
    if (floats === undefined) throw wrongType(key, stored, 'floating');
    const bad = firstNonFinite(floats);
    if (bad >= 0) throw notFinite(key, stored, floats[bad]);
    return floats;
  }

  #bytes(stored: RestoredTensor): Uint8Array {
    const descriptor = this.#open.get(stored.file) ?? openFile(stored.file);
    this.#open.set(stored.file, descriptor);
    return readBytes(descriptor, stored);
  }
}

function rowsOf(stored: RestoredTensor, { first, end, of }: Rows): RestoredTensor {
  const row = stored.length / of;
  return { ...stored, offset: stored.offset + first * row, length: (end - first) * row };
}

/** VF513: a tensor whose elements are of another kind than wanted. */
export function wrongType(
  key: string,
  { dtype, file }: RestoredTensor,
  wanted: 'floating' | 'integer',
): Error {
  return finding(
    'VF513',
    `tensor \`${key}\` in \`${file}\` is ${dtype}, which is no ${wanted} type`,
    'store it as F32, F16, BF16 or F64 for floats and I64 or I32 for integers',
  );
}

/** VF518: a weight that is no number. */
function notFinite(key: string, { file }: RestoredTensor, value: number | undefined): Error {
  return finding(
    'VF518',
    `tensor \`${key}\` in \`${file}\` holds ${value}`,
    'these weights cannot be used: the training that wrote them diverged, or the file is damaged',
  );
}
