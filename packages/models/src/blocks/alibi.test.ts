import { expect, test } from 'vitest';
import { alibiSlopes } from './alibi.js';

test('a power of two heads has slopes in a geometric row that ends at 1/256', () => {
  expect(alibiSlopes(8)).toEqual([0.5, 0.25, 0.125, 1 / 16, 1 / 32, 1 / 64, 1 / 128, 1 / 256]);
  expect(alibiSlopes(1)).toEqual([1 / 256]);
});

test('other numbers of heads add every other slope of twice as many', () => {
  const twice = alibiSlopes(8);
  expect(alibiSlopes(6)).toEqual([...alibiSlopes(4), twice[0], twice[2]]);
  expect(alibiSlopes(12).slice(8)).toEqual(
    alibiSlopes(16)
      .filter((_, i) => i % 2 === 0)
      .slice(0, 4),
  );
});
