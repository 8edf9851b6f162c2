import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Message } from '../contract/index.js';
import { floatTensor } from '../tensor/index.js';
import { smallModel } from '../testing/index.js';
import { batchesOf, batchLabels, type EncodedRow, Inbox, padBatch } from './pass.js';

const spec = { ...smallModel(), padToken: 6 };

const rowsOfIds = fc.array(fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 6 }), {
  minLength: 1,
  maxLength: 5,
});

const numbers = (data: BigInt64Array<ArrayBufferLike>): number[] => Array.from(data, Number);

test('a batch holds every row at its beginning and padding after it', () => {
  fc.assert(
    fc.property(rowsOfIds, (rows) => {
      const { ids, mask, positions, types, pooled } = padBatch(rows, spec);
      const width = Math.max(1, ...rows.map((row) => row.length));
      expect(ids.shape).toEqual([rows.length, width]);
      const cells = rows.flatMap((row) => Array.from({ length: width }, (_, s) => row[s]));
      expect(numbers(ids.data)).toEqual(cells.map((id) => id ?? 6));
      expect(numbers(mask.data)).toEqual(cells.map((id) => Number(id !== undefined)));
      expect(numbers(positions.data)).toEqual(cells.map((_, i) => i % width));
      expect(numbers(types.data).every((type) => type === 0)).toBe(true);
      expect(numbers(pooled.data)).toEqual(rows.map((row) => Math.max(0, row.length - 1)));
    }),
  );
});

test('an empty row takes one padded position', () => {
  const { ids, mask } = padBatch([[]], spec);
  expect([ids.shape, numbers(ids.data), numbers(mask.data)]).toEqual([[1, 1], [6], [0]]);
});

const row = (ids: readonly number[], label: number | null): EncodedRow => ({
  id: '',
  ids,
  user: ids.map(() => true),
  label,
});

test('labels are classes, numbers, or the tokens themselves with −100 at padding', () => {
  const rows = [row([3, 1], 1), row([2], null)];
  const batch = padBatch(
    rows.map(({ ids }) => ids),
    spec,
  );
  const labels = (head: typeof spec.head) => batchLabels(rows, batch, { ...spec, head });
  expect(labels('cls')).toMatchObject({ dtype: 'int64', shape: [2] });
  expect(labels('cls')?.data).toEqual(BigInt64Array.of(1n, -100n));
  expect(labels('reg')?.data).toEqual(Float32Array.of(1, 0));
  expect(labels('lm')?.data).toEqual(BigInt64Array.of(3n, 1n, 2n, -100n));
});

test('batches are consecutive and hold everything once', () => {
  expect(batchesOf([4, 2, 0, 1, 3], 2)).toEqual([[4, 2], [0, 1], [3]]);
  expect(batchesOf([], 2)).toEqual([]);
});

function message(step: number, value: number): Message {
  const tensor = floatTensor([1], Float32Array.of(value));
  return { phase: 'train', step, from: 'body', to: 'tail', kind: 'activation', tensor };
}

const wanted = (step: number) =>
  ({ phase: 'train', step, to: 'tail', kind: 'activation' }) as const;

test('a message reaches who waits for it, whichever came first', async () => {
  const inbox = new Inbox();
  const waiting = inbox.next(wanted(1));
  inbox.put(message(2, 20));
  inbox.put(message(1, 10));
  expect((await waiting).step).toBe(1);
  expect((await inbox.next(wanted(2))).step).toBe(2);
});

test('messages of one kind and pass come in the order they arrived', async () => {
  const inbox = new Inbox();
  for (const value of [1, 2, 3]) inbox.put(message(1, value));
  const values = [];
  for (let i = 0; i < 3; i++) values.push((await inbox.next(wanted(1))).tensor.data[0]);
  expect(values).toEqual([1, 2, 3]);
});

test('after a failure who waits and who asks later both fail with it', async () => {
  const inbox = new Inbox();
  const waiting = inbox.next(wanted(1));
  inbox.fail(new Error('gone'));
  await expect(waiting).rejects.toThrow('gone');
  await expect(inbox.next(wanted(2))).rejects.toThrow('gone');
});
