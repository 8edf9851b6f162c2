import { intTensor } from '@vflair/core/tensor';
import { expect, test } from 'vitest';
import { imagePositions } from './image-positions.js';

/** Positions of rows spelled with `t` for text, `i` for an image's token, `-` for padding; one line per axis and row. */
function positionsOf(
  rows: readonly string[],
  grids: readonly (readonly [number, number, number])[],
) {
  const width = rows[0]?.length ?? 0;
  const letters = [...rows.join('')];
  const mask = intTensor(
    [rows.length, width],
    letters.map((letter) => Number(letter !== '-')),
  );
  const { data } = imagePositions(mask, {
    isImage: (place) => letters[place] === 'i',
    grids: grids.map(([time, height, columns]) => ({ time, height, width: columns })),
  });
  return Array.from({ length: 3 * rows.length }, (_, i) =>
    [...data.slice(i * width, (i + 1) * width)].join(' '),
  );
}

test('text counts all axes on, padding has 0 on either side', () => {
  expect(positionsOf(['ttt--', '--ttt'], [])).toEqual([
    '0 1 2 0 0',
    '0 0 0 1 2',
    '0 1 2 0 0',
    '0 0 0 1 2',
    '0 1 2 0 0',
    '0 0 0 1 2',
  ]);
});

test('an image counts rows and columns from the next position, text goes on after the largest', () => {
  expect(positionsOf(['ttiiiiiitt'], [[1, 2, 3]])).toEqual([
    '0 1 2 2 2 2 2 2 5 6',
    '0 1 2 2 2 3 3 3 5 6',
    '0 1 2 3 4 2 3 4 5 6',
  ]);
});

test('images follow each other, also without text between and over rows of the batch', () => {
  expect(
    positionsOf(
      ['iiit', '-ttt', '-tii'],
      [
        [1, 1, 2],
        [1, 1, 1],
        [2, 1, 1],
      ],
    ),
  ).toEqual([
    '0 0 2 3',
    '0 0 1 2',
    '0 0 1 2',
    '0 0 2 3',
    '0 0 1 2',
    '0 0 1 1',
    '0 1 2 3',
    '0 0 1 2',
    '0 0 1 1',
  ]);
});

test('tokens that are not those of the images are a finding', () => {
  expect(() => positionsOf(['tiit'], [[1, 1, 3]])).toThrow('image tokens');
  expect(() => positionsOf(['tiit'], [[1, 1, 1]])).toThrow('image tokens');
});
