import { expect, test } from 'vitest';
import { agree, referenceCases } from '../testing/index.js';
import { type ClassificationScores, classificationScores } from './classification.js';
import { bitsPerByte, perplexity } from './language-model.js';

interface Inputs {
  readonly truth: readonly number[];
  readonly predicted: readonly number[];
}
const cases = referenceCases<Inputs, Partial<ClassificationScores>>('classification');

test.skipIf(!cases)('scores agree with the recorded cases', () => {
  expect(cases?.length).toBeGreaterThan(10);
  for (const { id, inputs, expected } of cases ?? []) {
    const scores = classificationScores(inputs.truth, inputs.predicted);
    for (const name of ['accuracy', 'mcc', 'f1Macro', 'f1Micro', 'f1Weighted'] as const) {
      expect(agree(scores?.[name] ?? null, expected[name] ?? null, 1e-12), `${id} ${name}`).toBe(
        true,
      );
    }
    expect(agree(scores?.f1Binary ?? null, expected.f1Binary ?? null, 1e-12), id).toBe(true);
    expect(scores?.labels).toEqual(expected.labels);
    expect(scores?.confusion).toEqual(expected.confusion);
    for (const name of ['precision', 'recall', 'f1'] as const) {
      (expected[name] ?? []).forEach((value, i) => {
        expect(agree(scores?.[name][i] ?? null, value, 1e-12), `${id} ${name}`).toBe(true);
      });
    }
  }
});

test('balanced accuracy is the mean recall of the classes that occur', () => {
  expect(classificationScores([0, 0, 0, 1], [0, 0, 2, 1])?.balancedAccuracy).toBeCloseTo(5 / 6, 12);
  expect(classificationScores([], [])).toBeNull();
});

test('a uniform model over 16 tokens has perplexity 16 and, at two bytes a token, 2 bits per byte', () => {
  const likelihood = { nll: 10 * Math.log(16), tokens: 10, bytes: 20 };
  expect(perplexity(likelihood)).toBeCloseTo(16, 10);
  expect(bitsPerByte(likelihood)).toBeCloseTo(2, 12);
});

test('undefined figures are null', () => {
  expect(perplexity({ nll: 0, tokens: 0, bytes: 0 })).toBeNull();
  expect(bitsPerByte({ nll: 0, tokens: 0, bytes: 0 })).toBeNull();
  expect(perplexity({ nll: 1e4, tokens: 1, bytes: 1 })).toBeNull();
});
