import type { Message, ModelSpec, Tensors } from '../contract/index.js';
import { type IntTensor, intTensor } from '../tensor/index.js';
import { at } from '../text/index.js';

/** A row as the data party holds it: ids with special tokens, and which of them are the user's own. */
export interface EncodedRow {
  readonly id: string;
  readonly ids: readonly number[];
  readonly user: readonly boolean[];
  /** Class index or number; null where the task has none. */
  readonly label: number | null;
}

/** A padded batch: everything `[batch, seq]`; `pooled` int64 `[batch]` for heads that read the last token. */
export interface Batch {
  readonly ids: IntTensor;
  readonly mask: IntTensor;
  readonly positions: IntTensor;
  readonly types: IntTensor;
  readonly pooled: IntTensor;
}

/** Rows padded on the right to the longest; an empty row still takes one padded position. */
export function padBatch(rows: readonly (readonly number[])[], spec: ModelSpec): Batch {
  const width = Math.max(1, ...rows.map((ids) => ids.length));
  const shape = [rows.length, width];
  const size = rows.length * width;
  const [ids, mask, positions] = [
    new BigInt64Array(size).fill(BigInt(spec.padToken ?? 0)),
    new BigInt64Array(size),
    new BigInt64Array(size),
  ];
  rows.forEach((row, r) => {
    for (let s = 0; s < width; s++) positions[r * width + s] = BigInt(s);
    row.forEach((id, s) => {
      ids[r * width + s] = BigInt(id);
      mask[r * width + s] = 1n;
    });
  });
  return {
    ids: intTensor(shape, ids),
    mask: intTensor(shape, mask),
    positions: intTensor(shape, positions),
    types: intTensor(shape, new BigInt64Array(size)),
    pooled: intTensor(
      [rows.length],
      rows.map((row) => Math.max(0, row.length - 1)),
    ),
  };
}

/** Labels of a batch in the shape of the head: one per row, or the tokens themselves with −100 at padding. */
export function batchLabels(
  rows: readonly EncodedRow[],
  batch: Batch,
  spec: ModelSpec,
): Tensors[string] {
  if (spec.head === 'reg') {
    return {
      dtype: 'float32',
      shape: [rows.length],
      data: Float32Array.from(rows, (row) => row.label ?? 0),
    };
  }
  if (spec.head === 'cls')
    return intTensor(
      [rows.length],
      rows.map((row) => row.label ?? -100),
    );
  const labels = BigInt64Array.from(batch.ids.data, (id, i) =>
    batch.mask.data[i] === 1n ? id : -100n,
  );
  return intTensor(batch.ids.shape, labels);
}

/** Row indices of consecutive batches. */
export function batchesOf(order: readonly number[], size: number): number[][] {
  return Array.from({ length: Math.ceil(order.length / size) }, (_, i) =>
    order.slice(i * size, (i + 1) * size),
  );
}

/** Messages that have arrived and messages somebody waits for. */
export class Inbox {
  readonly #arrived = new Map<string, Message[]>();
  readonly #waiting = new Map<
    string,
    { resolve: (message: Message) => void; reject: (error: Error) => void }
  >();
  #failure: Error | undefined;

  /** Takes in a message. */
  put(message: Message): void {
    const key = inboxKey(message);
    const waiter = this.#waiting.get(key);
    if (!waiter) {
      this.#arrived.set(key, [...(this.#arrived.get(key) ?? []), message]);
      return;
    }
    this.#waiting.delete(key);
    waiter.resolve(message);
  }

  /** The next message of that kind in that pass. */
  async next(wanted: Pick<Message, 'phase' | 'step' | 'to' | 'kind'>): Promise<Message> {
    if (this.#failure) throw this.#failure;
    const key = inboxKey(wanted);
    const arrived = this.#arrived.get(key);
    if (arrived && arrived.length > 0) {
      this.#arrived.delete(key);
      if (arrived.length > 1) this.#arrived.set(key, arrived.slice(1));
      return at(arrived, 0);
    }
    return new Promise((resolve, reject) => this.#waiting.set(key, { resolve, reject }));
  }

  /** Nothing more will come: everybody who waits fails with `error`. */
  fail(error: Error): void {
    this.#failure = error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

function inboxKey({
  phase,
  step,
  to,
  kind,
}: Pick<Message, 'phase' | 'step' | 'to' | 'kind'>): string {
  return `${phase}/${step}/${to}/${kind}`;
}
