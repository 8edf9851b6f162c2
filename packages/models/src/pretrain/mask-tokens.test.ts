import { randomStream } from '@vflair/core/tensor';
import { expect, test } from 'vitest';
import { maskTokens } from './mask-tokens.js';

const vocabulary = { mask: 4, firstWord: 5, size: 1000 };

test('labels are what stood at the places, and nothing changes elsewhere', () => {
  const ids = Int32Array.from({ length: 400 }, (_, i) => (i % 20 === 0 ? 2 : 5 + i));
  const masked = maskTokens(ids, 60, vocabulary, randomStream('mask test'));
  expect(masked.places).toHaveLength(60);
  expect(new Set(masked.places).size).toBe(60);
  masked.places.forEach((place, i) => {
    expect(ids[place]).toBeGreaterThanOrEqual(vocabulary.firstWord);
    expect(masked.labels[i]).toBe(ids[place]);
  });
  const hidden = new Set(masked.places);
  ids.forEach((id, place) => {
    if (!hidden.has(place)) expect(masked.ids[place]).toBe(id);
  });
});

test('of the hidden tokens 80 % are masked, 10 % drawn at random and 10 % left', () => {
  const ids = new Int32Array(30_000).fill(7);
  const { places, ids: hidden } = maskTokens(ids, 20_000, vocabulary, randomStream('shares'));
  const masked = places.filter((place) => hidden[place] === vocabulary.mask).length;
  const left = places.filter((place) => hidden[place] === 7).length;
  // Four standard deviations of a share among 20,000: 4·√(0.8·0.2/20000) = 0.011.
  expect(Math.abs(masked / 20_000 - 0.8)).toBeLessThan(0.012);
  expect(Math.abs(left / 20_000 - 0.1)).toBeLessThan(0.009);
  expect(Math.min(...hidden)).toBe(vocabulary.mask);
  expect(Math.max(...hidden)).toBeLessThan(vocabulary.size);
});

test('with fewer ordinary tokens than asked for, all of them are hidden', () => {
  const { places, labels } = maskTokens(
    Int32Array.of(2, 9, 8, 3),
    5,
    vocabulary,
    randomStream('few'),
  );
  expect([...places]).toEqual([1, 2]);
  expect([...labels]).toEqual([9, 8]);
});
