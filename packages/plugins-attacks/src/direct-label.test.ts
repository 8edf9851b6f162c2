import type { SeenMessage } from '@vflair/core/contract';
import { floatTensor, intTensor, randomStream } from '@vflair/core/tensor';
import { attackKit } from '@vflair/core/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import directLabel, { negativeClass } from './direct-label.js';

/** Gradient of the mean cross-entropy of random logits, in closed form: (softmax(z) − onehot(y))/batch. */
function gradientOf(step: number, labels: readonly number[], classes: number): SeenMessage {
  const random = randomStream(`logits ${step}`);
  const data = labels.flatMap((label) => {
    const powers = Array.from({ length: classes }, () => Math.exp(3 * random.normal()));
    const total = powers.reduce((sum, x) => sum + x, 0);
    return powers.map((power, c) => (power / total - Number(c === label)) / labels.length);
  });
  return {
    phase: 'train',
    step,
    tensor: floatTensor([labels.length, classes], Float32Array.from(data)),
    mask: intTensor(
      [labels.length, 1],
      labels.map(() => 1),
    ),
  };
}

const classes = 4;
const drawn = randomStream('labels');
const truth = [0, 1, 2].flatMap((step) =>
  Array.from({ length: 16 }, (_, row) => ({ step, row, label: drawn.integer(classes) })),
);
const labelsAt = (step: number): number[] =>
  truth.filter((row) => row.step === step).map(({ label }) => label);
const gradients = [0, 1, 2].map((step) => gradientOf(step, labelsAt(step), classes));
const noise = gradients.map((message, step) => {
  const random = randomStream(`noise ${step}`);
  return {
    ...message,
    tensor: { ...message.tensor, data: message.tensor.data.map(() => random.normal()) },
  };
});

const options = {
  test: import.meta.url,
  params: {},
  planted: { view: { gradients }, truth },
  null: { view: { gradients: noise }, truth },
};
for (const { name, run } of attackKit(directLabel, options)) test(name, run);

test('the label is the unique negative coordinate, whatever the probabilities', () => {
  const probabilities = fc
    .array(fc.double({ min: 1e-6, max: 1, noNaN: true }), { minLength: 2, maxLength: 9 })
    .map((sizes) => sizes.map((size) => size / sizes.reduce((sum, x) => sum + x, 0)));
  fc.assert(
    fc.property(probabilities, fc.nat(), (p, n) => {
      const label = n % p.length;
      expect(negativeClass(p.map((x, c) => x - Number(c === label)))).toBe(label);
    }),
  );
});

test('a gradient of zeros and a tie are abstentions', () => {
  expect(negativeClass([0, 0, 0])).toBeNull();
  expect(negativeClass([-1, 2, -1])).toBeNull();
  expect(negativeClass([0.1, 0.2])).toBeNull();
  expect(negativeClass([-0.5])).toBeNull();
});

test('the gradient of a token head has one label per position and is not read', async () => {
  const tensor = floatTensor([1, 2, 2], Float32Array.of(-1, 1, -1, 1));
  const message = { phase: 'train', step: 0, tensor, mask: intTensor([1, 2], [1, 1]) } as const;
  const run = directLabel.run;
  const context = {} as Parameters<typeof run>[1];
  expect(await run({ gradients: [message] }, context)).toEqual({
    labels: [{ step: 0, row: 0, label: null }],
  });
});
