import { expect, test } from 'vitest';
import { asFloat, randomStream } from '../tensor/index.js';
import { drawFamilyCase, numbersOf, smallModel, worstDifference } from '../testing/index.js';
import { present } from '../text/index.js';
import { wholePart } from './bindings.js';
import { LossHead } from './loss.js';
import { Slice } from './slice.js';

const spec = smallModel();
const made = drawFamilyCase(spec, randomStream('loss head'));
const slice = () =>
  new Slice(spec, wholePart(spec), {
    stored: (key) => present(made.weights.get(key), key),
    trained: made.weights,
    adapters: new Map(),
  });

test('the loss on logits that were sent is that of the slice, and its gradient trains the slice the same', async () => {
  const [whole, sender, head] = [slice(), slice(), new LossHead(spec)];
  const expected = await whole.lossStep(made.inputs, made.labels);
  const logits = present((await sender.forwardKeeping(0, made.inputs)).result);
  const { loss, gradient } = await head.train(logits, made.labels);
  const { trained } = await sender.backward(0, { hidden: gradient });
  expect(loss).toBeCloseTo(expected.loss, 6);
  for (const [key, found] of trained)
    expect(
      worstDifference(numbersOf(found), numbersOf(present(expected.trained.get(key)))),
      key,
    ).toBeLessThan(1e-6);
  expect(trained.size).toBe(made.weights.size);
  await Promise.all([whole.close(), sender.close(), head.close()]);
});

test('per row, the loss on logits is what the slice says of its own', async () => {
  const [whole, head] = [slice(), new LossHead(spec)];
  const { result } = await whole.forward(made.inputs);
  const [own, found] = [
    await whole.evaluate(made.inputs, made.labels),
    await head.evaluate(present(result), made.labels),
  ];
  expect(found.count).toEqual(own.count);
  expect(
    worstDifference(numbersOf(asFloat(present(found.loss))), numbersOf(present(own.loss))),
  ).toBeLessThan(1e-6);
  await Promise.all([whole.close(), head.close()]);
});
