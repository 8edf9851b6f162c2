import type { SeenMessage } from '@vflair/core/contract';
import { floatTensor, intTensor, randomStream } from '@vflair/core/tensor';
import { attackKit, runAttack } from '@vflair/core/testing';
import { expect, test } from 'vitest';
import normScoring, { rowNorms } from './norm-scoring.js';

/** Gradients of one message: `[rows, 3, 4]` whose rows have the given sizes, the last position padding. */
function message(step: number, sizes: readonly number[]): SeenMessage {
  const random = randomStream(`gradients ${step}`);
  const data = sizes.flatMap((size) => Array.from({ length: 12 }, () => size * random.normal()));
  return {
    phase: 'train',
    step,
    tensor: floatTensor([sizes.length, 3, 4], Float32Array.from(data)),
    mask: intTensor(
      [sizes.length, 3],
      sizes.flatMap(() => [1, 1, 0]),
    ),
  };
}

const isRare = (row: number): boolean => row % 3 === 0;
const scene = (rareSize: number) => {
  const steps = [0, 1];
  const rows = Array.from({ length: 12 }, (_, row) => row);
  const sizes = rows.map((row) => (isRare(row) ? rareSize : 1));
  return {
    view: { gradients: steps.map((step) => message(step, sizes)) },
    truth: steps.flatMap((step) => rows.map((row) => ({ step, row, positive: isRare(row) }))),
  };
};

for (const norm of ['l1', 'l2'] as const) {
  const options = { test: import.meta.url, params: { norm }, planted: scene(50), null: scene(1) };
  for (const { name, run } of attackKit(normScoring, options)) test(`${name} (${norm})`, run);
}

test('the norm is over the positions that hold a token', () => {
  const tensor = floatTensor([1, 2, 2], Float32Array.of(3, -4, 100, 100));
  const mask = intTensor([1, 2], [1, 0]);
  expect(rowNorms({ tensor, mask }, 'l2')).toEqual([5]);
  expect(rowNorms({ tensor, mask }, 'l1')).toEqual([7]);
});

test('a gradient of logits has no sequence axis', () => {
  const tensor = floatTensor([2, 2], Float32Array.of(3, -4, 0, 0));
  expect(rowNorms({ tensor, mask: intTensor([2, 1], [1, 1]) }, 'l2')).toEqual([5, 0]);
});

test('the scale of a mean loss drops out: half the batch at twice the size scores alike', async () => {
  const whole = message(0, [4, 2]);
  const half = floatTensor(
    [1, 3, 4],
    whole.tensor.data.slice(0, 12).map((x) => 2 * x),
  );
  const alone = { ...whole, step: 1, tensor: half, mask: intTensor([1, 3], [1, 1, 0]) };
  const view = { gradients: [whole, alone] };
  const { scores } = await runAttack({ attack: normScoring, view, params: { norm: 'l2' } });
  expect(scores[2]?.score).toBeCloseTo(scores[0]?.score ?? 0, 4);
});

test('the view holds what was declared and nothing else', () => {
  const attack: typeof normScoring = {
    ...normScoring,
    // @ts-expect-error  `activations` was not declared in `needs`
    run: (view) => ({ scores: [{ step: 0, row: 0, score: view.activations.length }] }),
  };
  expect(attack.needs).toEqual(['gradients']);
});
