import { expect, test } from 'vitest';
import { guessOf, metricValue, splitOf, useMetric } from './metrics.js';

test('guessing is the best baseline that needs no message; controls are not guesses', () => {
  const baselines = { prior: 0.06, unigram: 0.04, 'wrong-head': 0.5 };
  expect(guessOf('positional-accuracy', { baselines })).toEqual({ name: 'prior', value: 0.06 });
});

test('where smaller is better, guessing is the smallest', () => {
  const baselines = { prior: 2000, unigram: 900 };
  expect(guessOf('perplexity', { baselines })).toEqual({ name: 'unigram', value: 900 });
});

test('an oriented AUC has chance one half; the biased one has no baseline of its own', () => {
  expect(guessOf('train/label-auc', { baselines: {} })).toEqual({ name: 'chance', value: 0.5 });
  expect(guessOf('leak-auc', { baselines: {} })).toBeUndefined();
});

test('shares are printed in percent, everything else is not', () => {
  expect(metricValue('train/accuracy', 0.5)).toBe('50 %');
  expect(metricValue('label-auc', 0.5)).toBe('0.5');
  expect(metricValue('perplexity', 31.42)).toBe('31.4');
  expect(metricValue('dcs', 0.890_12)).toBe('0.89');
});

test('a metric on test has no split in its name', () => {
  expect([splitOf('accuracy'), splitOf('train/accuracy')]).toEqual(['test', 'train']);
});

test('use is told by the first known metric on test, else by one of a generation', () => {
  expect(useMetric(['perplexity', 'next-word-accuracy', 'dcs'])).toBe('next-word-accuracy');
  expect(useMetric(['generate/rouge-l', 'dcs'])).toBe('generate/rouge-l');
  expect(useMetric(['train/accuracy'])).toBeUndefined();
});
