import type { CacheEntry, Tensors } from '../contract/index.js';
import { cacheEntries, type Slice } from '../session/index.js';
import {
  appended,
  asFloat,
  asInt,
  type FloatTensor,
  GrowingRows,
  type IntTensor,
  intTensor,
  zeros,
} from '../tensor/index.js';
import { present } from '../text/index.js';

/** What the blocks of a slice remember of the sequences of a batch; running further positions makes them longer. */
export class SequenceCache {
  readonly #slice: Slice;
  readonly #rows = new Map<string, Rows>();
  readonly #states = new Map<string, FloatTensor>();
  /** Which positions so far are real, `[batch, seq]`; undefined before the first. */
  #mask: IntTensor | undefined;

  constructor(slice: Slice) {
    this.#slice = slice;
  }

  /** Result of positions that follow all earlier ones: `[batch, seq, hidden]`, or logits of the last, `[batch, 1, vocabulary]`. */
  async run(inputs: Tensors): Promise<FloatTensor> {
    const { spec, part } = this.#slice;
    const mask = asInt(present(inputs.mask, 'mask'));
    const past = this.#mask ?? this.#begin(mask.shape[0] ?? 0);
    const rows = [...this.#rows].map(([name, { tensor }]) => [name, tensor] as const);
    const results = await this.#slice.step({
      ...inputs,
      positions: positionsAfter(past, mask),
      ...Object.fromEntries([...rows, ...this.#states]),
      'past.mask': past,
    });
    for (const { past: name, fresh } of cacheEntries(spec, part)) {
      const added = asFloat(present(results[fresh], fresh));
      const known = this.#rows.get(name);
      if (known) known.append(added);
      else this.#states.set(name, added);
    }
    this.#mask = appended(past, mask);
    return asFloat(present(results.result, 'result'));
  }

  /** Remembers nothing yet, of `batch` sequences. */
  #begin(batch: number): IntTensor {
    for (const { entry, past } of cacheEntries(this.#slice.spec, this.#slice.part)) {
      if (entry.kind === 'rows') this.#rows.set(past, emptyRows(batch, entry));
      else this.#states.set(past, zeros([batch, ...entry.shape]));
    }
    return intTensor([batch, 0], []);
  }
}

/** Rows `[batch, length, ...shape]` that become longer. */
interface Rows {
  readonly tensor: FloatTensor;
  readonly append: (added: FloatTensor) => void;
}

/** One sequence has room to grow in; several would have to be moved apart anyway. */
function emptyRows(batch: number, { shape }: CacheEntry): Rows {
  if (batch === 1) return new GrowingRows(shape);
  let tensor = zeros([batch, 0, ...shape]);
  return {
    get tensor() {
      return tensor;
    },
    append: (added) => {
      tensor = appended(tensor, added);
    },
  };
}

/** Places of positions, of which `mask` says whether they are real, after those of `past`: the number of real ones before, 0 at padding. */
export function positionsAfter(past: IntTensor, mask: IntTensor): IntTensor {
  const [batch = 0, seq = 0] = mask.shape;
  const before = past.shape[1] ?? 0;
  const places = Array.from({ length: batch }, (_, row) => {
    let real = sumOf(past.data.subarray(row * before, (row + 1) * before));
    return Array.from({ length: seq }, (_, s) => (mask.data[row * seq + s] === 1n ? real++ : 0));
  });
  return intTensor([batch, seq], places.flat());
}

const sumOf = (values: BigInt64Array): number =>
  values.reduce((sum, value) => sum + Number(value), 0);
