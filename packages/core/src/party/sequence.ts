import type { Tensors } from '../contract/index.js';
import { cacheEntries, type Slice } from '../session/index.js';
import {
  asFloat,
  type FloatTensor,
  GrowingRows,
  type IntTensor,
  intTensor,
  zeros,
} from '../tensor/index.js';
import { present } from '../text/index.js';

/** What the blocks of a slice remember of one sequence; running further positions makes it longer. */
export class SequenceCache {
  readonly #slice: Slice;
  readonly #rows = new Map<string, GrowingRows>();
  readonly #states = new Map<string, FloatTensor>();
  #length = 0;

  constructor(slice: Slice) {
    this.#slice = slice;
    for (const { entry, past } of cacheEntries(slice.spec, slice.part)) {
      if (entry.kind === 'rows') this.#rows.set(past, new GrowingRows(entry.shape));
      else this.#states.set(past, zeros([1, ...entry.shape]));
    }
  }

  /** Result of positions that follow all earlier ones: `[1, seq, hidden]`, or logits of the last, `[1, 1, vocabulary]`. */
  async run(inputs: Tensors): Promise<FloatTensor> {
    const { spec, part } = this.#slice;
    const mask = present(inputs.mask, 'mask');
    const rows = [...this.#rows].map(([name, { tensor }]) => [name, tensor] as const);
    const ones = new BigInt64Array(this.#length).fill(1n);
    const results = await this.#slice.step({
      ...inputs,
      positions: positionsAfter(this.#length, mask.shape),
      ...Object.fromEntries([...rows, ...this.#states]),
      'past.mask': intTensor([1, this.#length], ones),
    });
    for (const { past, fresh } of cacheEntries(spec, part)) {
      const added = asFloat(present(results[fresh], fresh));
      const known = this.#rows.get(past);
      if (known) known.append(added);
      else this.#states.set(past, added);
    }
    this.#length += mask.shape[1] ?? 0;
    return asFloat(present(results.result, 'result'));
  }
}

/** Places of positions that follow `past` earlier ones: int64 `[batch, seq]`. */
export function positionsAfter(past: number, [batch = 0, seq = 0]: readonly number[]): IntTensor {
  return intTensor(
    [batch, seq],
    Array.from({ length: batch * seq }, (_, i) => past + (i % seq)),
  );
}
