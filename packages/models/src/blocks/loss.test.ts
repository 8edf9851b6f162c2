import type { HeadKind } from '@vflair/core/contract';
import { floatTensor, intTensor, randomStream, type Tensor } from '@vflair/core/tensor';
import { drawNormals, evaluate, feedsOf, inputGraph, numbersOf } from '@vflair/core/testing';
import { at, present } from '@vflair/core/text';
import { expect, test } from 'vitest';
import { headLoss } from './loss.js';

/** Mean loss, and sum and count per row, of one head. */
async function run(head: HeadKind, logits: Tensor, labels: Tensor) {
  const { g, values } = inputGraph([logits, labels]);
  const [scores, wanted] = [at(values, 0), at(values, 1)];
  const { sum, count } = headLoss(head).rowLoss(g, scores, wanted);
  const outputs = await evaluate(
    g,
    [headLoss(head).loss(g, scores, wanted), sum, count],
    feedsOf([logits, labels]),
  );
  const [mean, sums, counts] = outputs.map((tensor) => numbersOf(tensor).data);
  return { mean: present(mean?.[0]), sums: present(sums), counts: present(counts) };
}

/** −ln softmax(scores)[label]. */
function surprisal(scores: readonly number[], label: number): number {
  return Math.log(scores.reduce((sum, x) => sum + Math.exp(x), 0)) - at(scores, label);
}

const random = randomStream('loss');
const scoresOf = (tensor: Tensor, from: number, count: number, step = 1): number[] =>
  Array.from({ length: count }, (_, i) => Number(tensor.data[from + i * step]));

function check(found: Awaited<ReturnType<typeof run>>, rows: readonly (readonly number[])[]): void {
  const all = rows.flat();
  const mean = all.reduce((sum, x) => sum + x, 0) / Math.max(1, all.length);
  expect(found.mean).toBeCloseTo(mean, 5);
  expect(found.counts).toEqual(rows.map((row) => row.length));
  rows.forEach((row, i) => {
    expect(at(found.sums, i)).toBeCloseTo(
      row.reduce((sum, x) => sum + x, 0),
      5,
    );
  });
}

test('a class is scored against all others, once per row', async () => {
  const logits = drawNormals(random, [2, 3]);
  const found = await run('cls', logits, intTensor([2], [2, 0]));
  check(found, [[surprisal(scoresOf(logits, 0, 3), 2)], [surprisal(scoresOf(logits, 3, 3), 0)]]);
});

test('a token is predicted from the position before it, and −100 counts for nothing', async () => {
  const logits = drawNormals(random, [2, 3, 4]);
  const found = await run('lm', logits, intTensor([2, 3], [1, 3, -100, -100, -100, 2]));
  check(found, [[surprisal(scoresOf(logits, 0, 4), 3)], [surprisal(scoresOf(logits, 16, 4), 2)]]);
});

test('a masked token is predicted where it stands', async () => {
  const logits = drawNormals(random, [2, 2, 4]);
  const found = await run('mlm', logits, intTensor([2, 2], [1, -100, 3, 0]));
  check(found, [
    [surprisal(scoresOf(logits, 0, 4), 1)],
    [surprisal(scoresOf(logits, 8, 4), 3), surprisal(scoresOf(logits, 12, 4), 0)],
  ]);
});

test('a span is a first and a last position, each against all positions', async () => {
  const logits = drawNormals(random, [2, 5, 2]);
  const found = await run('qa', logits, intTensor([2, 2], [0, 3, 4, 4]));
  const of = (row: number, kind: number, place: number): number =>
    surprisal(scoresOf(logits, 10 * row + kind, 5, 2), place);
  check(found, [
    [of(0, 0, 0), of(0, 1, 3)],
    [of(1, 0, 4), of(1, 1, 4)],
  ]);
});

test('a number is scored by the square of its error', async () => {
  const found = await run(
    'reg',
    floatTensor([2, 1], Float32Array.of(1, -2)),
    floatTensor([2], Float32Array.of(0.5, 1)),
  );
  check(found, [[0.25], [9]]);
});

test('without any label that counts the loss is 0', async () => {
  const found = await run('mlm', drawNormals(random, [1, 2, 3]), intTensor([1, 2], [-100, -100]));
  check(found, [[]]);
});
