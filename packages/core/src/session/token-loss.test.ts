import { expect, test } from 'vitest';
import { asFloat, intTensor, randomStream } from '../tensor/index.js';
import { drawFamilyCase, numbersOf, smallModel, worstDifference } from '../testing/index.js';
import { present } from '../text/index.js';
import { wholePart } from './bindings.js';
import { LossHead } from './loss.js';
import { Slice } from './slice.js';
import { TokenLoss } from './token-loss.js';

const spec = { ...smallModel(), predicts: 'same' } as const;
const made = drawFamilyCase(spec, randomStream('token loss'));
const stored = (key: string) => present(made.weights.get(key), key);
const frozen = { stored, trained: new Map(), adapters: new Map() };
const [rows, width] = [2, 5];
const places = rows * width;

/** What the final norm gives, the logits, and the loss of the logits. */
async function reference() {
  const [whole, before] = [
    new Slice(spec, wholePart(spec), frozen),
    new Slice(spec, wholePart(spec), frozen, { beforeLogits: true }),
  ];
  const logits = present((await whole.forward(made.inputs)).result, 'logits');
  const final = asFloat(present((await before.forward(made.inputs)).result, 'final'));
  await Promise.all([whole.close(), before.close()]);
  return { logits, final };
}

// The small model's own loss is the mean over all places: the same thing where every label counts.
test.each([places, 3, 1])(
  'in pieces of %i positions it is the loss of all logits',
  async (size) => {
    const { logits, final } = await reference();
    const most = { frozen: size * spec.vocabulary, trained: size * spec.vocabulary };
    const trained = new Map([['table', stored('table')]]);
    const loss = new TokenLoss(spec, { ...frozen, trained }, {}, most);
    const head = new LossHead(spec);
    const expected = await head.train(logits, made.labels);
    const found = await loss.train(final, made.labels);
    expect(found.loss).toBeCloseTo(expected.loss, 5);
    // logits = final·tableᵀ  ⇒  ∂final = ∂logits·table, ∂table = ∂logitsᵀ·final.
    const table = stored('table');
    const entry = (i: number, j: number): number =>
      Array.from({ length: spec.vocabulary }, (_, v) => v).reduce(
        (sum, v) =>
          sum +
          (expected.gradient.data[i * spec.vocabulary + v] ?? 0) *
            (table.data[v * spec.hidden + j] ?? 0),
        0,
      );
    const rowsOfFinal = Array.from({ length: places * spec.hidden }, (_, i) =>
      entry(Math.floor(i / spec.hidden), i % spec.hidden),
    );
    const numbers = numbersOf(found.gradient);
    expect(worstDifference(numbers, { shape: numbers.shape, data: rowsOfFinal })).toBeLessThan(
      1e-6,
    );
    const outer = Array.from({ length: spec.vocabulary * spec.hidden }, (_, k) => {
      const [v, j] = [Math.floor(k / spec.hidden), k % spec.hidden];
      return Array.from({ length: places }, (_, i) => i).reduce(
        (sum, i) =>
          sum +
          (expected.gradient.data[i * spec.vocabulary + v] ?? 0) *
            (final.data[i * spec.hidden + j] ?? 0),
        0,
      );
    });
    const ofTable = numbersOf(present(found.trained.get('table'), 'table'));
    expect(worstDifference(ofTable, { shape: ofTable.shape, data: outer })).toBeLessThan(1e-6);
    const [own, other] = [
      await loss.evaluate(final, made.labels),
      await head.evaluate(logits, made.labels),
    ];
    expect(
      worstDifference(numbersOf(present(own.loss)), numbersOf(present(other.loss))),
    ).toBeLessThan(1e-6);
    await Promise.all([loss.close(), head.close()]);
  },
);

test('labels of −100 count for nothing: not in the mean, not in the rows, not in the gradient', async () => {
  const { final } = await reference();
  const loss = new TokenLoss(spec, frozen);
  const [all, one] = [new Array<number>(places).fill(-100), new Array<number>(places).fill(-100)];
  one[7] = 4;
  const alone = await loss.train(final, intTensor([rows, width], one));
  const { data } = alone.gradient;
  const touched = [...data.keys()].filter((i) => data[i] !== 0);
  expect(new Set(touched.map((i) => Math.floor(i / spec.hidden)))).toEqual(new Set([7]));
  const { loss: sums, count } = await loss.evaluate(final, intTensor([rows, width], one));
  expect([...present(count).data]).toEqual([0, 1]);
  expect(Number(present(sums).data[1])).toBeCloseTo(alone.loss, 6);
  const none = await loss.train(final, intTensor([rows, width], all));
  expect([none.loss, ...none.gradient.data].every((x) => x === 0)).toBe(true);
  await loss.close();
});

test('a next token is read off one place before it, and never across rows', async () => {
  const { final } = await reference();
  const [next, same] = [
    new TokenLoss({ ...spec, predicts: 'next' }, frozen),
    new TokenLoss(spec, frozen),
  ];
  const labels = Array.from({ length: places }, (_, i) => i % spec.vocabulary);
  const moved = labels.map((_, i) => (i % width === width - 1 ? -100 : (labels[i + 1] ?? -100)));
  const a = await next.train(final, intTensor([rows, width], labels));
  const b = await same.train(final, intTensor([rows, width], moved));
  expect(a).toEqual(b);
  await Promise.all([next.close(), same.close()]);
});
