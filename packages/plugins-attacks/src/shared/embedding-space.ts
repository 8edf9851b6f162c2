import { type FloatTensor, floatTensor } from '@vflair/core/tensor';

/**
 * Token embeddings in units of the table's own spread: e = μ + σ ⊙ z, per coordinate, so that one step size fits every
 * model and z ~ N(0, 1) looks like a token.
 */
export class EmbeddingSpace {
  readonly table: FloatTensor;
  readonly width: number;
  readonly #mean: Float64Array;
  readonly #spread: Float64Array;

  constructor(table: FloatTensor) {
    const [count = 0, width = 0] = table.shape;
    this.table = table;
    this.width = width;
    this.#mean = new Float64Array(width);
    const squares = new Float64Array(width);
    for (let start = 0; start < table.data.length; start += width) {
      for (let j = 0; j < width; j++) {
        const x = element(table.data, start + j);
        this.#mean[j] = element(this.#mean, j) + x / count;
        squares[j] = element(squares, j) + (x * x) / count;
      }
    }
    // A coordinate that is the same for all tokens can't be searched along; the floor keeps z finite there.
    this.#spread = squares.map((square, j) =>
      Math.sqrt(Math.max(square - element(this.#mean, j) ** 2, 1e-12)),
    );
  }

  /** z → embeddings, of the same shape. */
  embeddings(z: FloatTensor): FloatTensor {
    const data = new Float32Array(z.data.length);
    for (let start = 0; start < data.length; start += this.width) {
      for (let j = 0; j < this.width; j++)
        data[start + j] =
          element(this.#mean, j) + element(this.#spread, j) * element(z.data, start + j);
    }
    return floatTensor(z.shape, data);
  }

  /** Gradient by the embeddings → gradient by z, in place. */
  pullBack(gradient: FloatTensor): FloatTensor {
    const { data } = gradient;
    for (let start = 0; start < data.length; start += this.width) {
      for (let j = 0; j < this.width; j++)
        data[start + j] = element(data, start + j) * element(this.#spread, j);
    }
    return gradient;
  }

  /** The z of a token. */
  coordinates(id: number): Float32Array {
    const row = this.table.data.subarray(id * this.width, (id + 1) * this.width);
    return Float32Array.from(
      row,
      (x, j) => (x - element(this.#mean, j)) / element(this.#spread, j),
    );
  }
}

/** Embeddings of rows of ids: `[batch, seq, width]`. */
export function lookUp(table: FloatTensor, ids: readonly (readonly number[])[]): FloatTensor {
  const width = table.shape[1] ?? 0;
  const length = ids[0]?.length ?? 0;
  const data = new Float32Array(ids.length * length * width);
  ids.flat().forEach((id, i) => {
    data.set(table.data.subarray(id * width, (id + 1) * width), i * width);
  });
  return floatTensor([ids.length, length, width], data);
}

/**
 * The table with every row scaled to length 1, for cosines; rows of `left` out ids are zeros, so that they are chosen
 * only when everything else points away.
 */
export function directions(table: FloatTensor, left: readonly number[] = []): FloatTensor {
  const width = table.shape[1] ?? 0;
  const data = table.data.slice();
  for (let start = 0; start < data.length; start += width) {
    let squares = 0;
    for (let i = start; i < start + width; i++) squares += element(data, i) ** 2;
    const size = Math.sqrt(squares) || 1;
    for (let i = start; i < start + width; i++) data[i] = element(data, i) / size;
  }
  for (const id of left) data.fill(0, id * width, (id + 1) * width);
  return floatTensor(table.shape, data);
}

// The index is inside by construction; reading through a check would cost a call per element.
const element = (data: { readonly [index: number]: number }, index: number): number =>
  data[index] as number;
