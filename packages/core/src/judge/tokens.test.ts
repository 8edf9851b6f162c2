import fc from 'fast-check';
import { expect, test } from 'vitest';
import { agree, referenceCases } from '../testing/index.js';
import { asObservation, pooled, quotient, type Ratio } from './ratio.js';
import { bagOverlap, exactMatch, positionalAccuracy, referenceOverlap } from './tokens.js';

interface Sample {
  readonly truth: readonly number[];
  readonly predicted: readonly number[];
  readonly pad: number;
  readonly mask: readonly number[];
}
interface Expected {
  readonly reference: { readonly recall: number | null; readonly precision: number | null };
  readonly positional: number | null;
  readonly bag: Readonly<Record<'precision' | 'recall' | 'f1', number | null>>;
  readonly exactMatch: number | null;
}

const cases = referenceCases<Sample & { samples?: readonly Sample[] }, Expected>('tokens');

function rowOf({ truth, predicted, mask }: Sample) {
  return { truth, predicted, scored: mask.map((x) => x === 1) };
}

test.skipIf(!cases)('every token metric agrees with the recorded cases', () => {
  const single = (cases ?? []).filter(({ inputs }) => !inputs.samples);
  expect(single.length).toBeGreaterThan(10);
  for (const { id, inputs, expected } of single) {
    const row = rowOf(inputs);
    const bag = bagOverlap(row);
    const reference = referenceOverlap(row, inputs.pad);
    const pairs: [Ratio, number | null][] = [
      [positionalAccuracy(row), expected.positional],
      [bag.precision, expected.bag.precision],
      [bag.recall, expected.bag.recall],
      [bag.f1, expected.bag.f1],
      [exactMatch(row), expected.exactMatch],
      [reference.recall, expected.reference.recall],
      [reference.precision, expected.reference.precision],
    ];
    for (const [ratio, value] of pairs) expect(agree(quotient(ratio), value, 1e-12), id).toBe(true);
  }
});

test.skipIf(!cases)('the reference figure of a set is the mean of its samples', () => {
  const { inputs, expected } = (cases ?? []).find(({ inputs }) => inputs.samples) ?? {};
  const rows = (inputs?.samples ?? []).map((s) => referenceOverlap(rowOf(s), s.pad));
  const mean = (ratios: Ratio[]) => quotient(pooled(ratios.map(asObservation)));
  expect(mean(rows.map((r) => r.recall))).toBeCloseTo(expected?.reference.recall ?? -1, 12);
  expect(mean(rows.map((r) => r.precision))).toBeCloseTo(expected?.reference.precision ?? -1, 12);
});

test('order matters for positions only, and a perfect position is a perfect bag', () => {
  const ids = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(ids, ids, (truth, guess) => {
      const predicted = truth.map((_, i) => guess[i % guess.length] ?? 0);
      const scored = truth.map(() => true);
      const row = { truth, predicted, scored };
      const shuffled = { truth, predicted: predicted.toReversed(), scored };
      expect(bagOverlap(shuffled)).toEqual(bagOverlap(row));
      expect(positionalAccuracy(row).numerator).toBeLessThanOrEqual(
        bagOverlap(row).recall.numerator,
      );
    }),
    { seed: 5 },
  );
});
