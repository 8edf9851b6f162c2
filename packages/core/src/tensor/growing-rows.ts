import { Bug } from '../text/index.js';
import { type FloatTensor, floatTensor, sizeOf } from './tensor.js';

/**
 * Rows `[1, length, ...shape]` that grow along their second axis: adding to them copies what is new, and now and then
 * everything into twice the room.
 */
export class GrowingRows {
  readonly #shape: readonly number[];
  readonly #width: number;
  #data: Float32Array;
  #length = 0;

  constructor(shape: readonly number[]) {
    this.#shape = shape;
    this.#width = sizeOf(shape);
    this.#data = new Float32Array(16 * this.#width);
  }

  /** All rows so far, as a view: later additions don't change it. */
  get tensor(): FloatTensor {
    const values = this.#data.subarray(0, this.#length * this.#width);
    return floatTensor([1, this.#length, ...this.#shape], values);
  }

  /** Adds rows `[1, n, ...shape]`; throws VF902 for another shape. */
  append({ shape, data }: FloatTensor): void {
    const [, count = 0] = shape;
    if (`${shape}` !== `${[1, count, ...this.#shape]}`)
      throw new Bug('VF902', `[${shape}] does not continue rows of [${this.#shape}]`);
    const used = this.#length * this.#width;
    if (used + data.length > this.#data.length) {
      const roomier = new Float32Array(Math.max(2 * this.#data.length, used + data.length));
      roomier.set(this.#data.subarray(0, used));
      this.#data = roomier;
    }
    this.#data.set(data, used);
    this.#length += count;
  }
}
