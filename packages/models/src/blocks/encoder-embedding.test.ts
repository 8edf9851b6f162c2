import type { EmbedInput } from '@vflair/core/contract';
import { bareContext } from '@vflair/core/session';
import { intTensor } from '@vflair/core/tensor';
import { evaluate, feedsOf, inputGraph, numbersOf } from '@vflair/core/testing';
import { at, Bug, present } from '@vflair/core/text';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countedPositions } from './encoder-embedding.js';

const none = (): never => {
  throw new Bug('VF990', 'positions have no parameters');
};
const parameters: EmbedInput['parameters'] = {
  weight: none,
  has: none,
  trains: none,
  adapter: none,
};

/** Positions of rows of numbers that are ids, or a mask. */
async function positionsOf(
  rows: readonly (readonly number[])[],
  { padToken, areIds }: { padToken: number; areIds: boolean },
): Promise<readonly number[]> {
  const tensor = intTensor([rows.length, at(rows, 0).length], rows.flat());
  const { g, values } = inputGraph([tensor], (_, axis) => (axis === 0 ? 'batch' : 'seq'));
  const value = at(values, 0);
  const inside = { g, parameters, mask: value, positions: value };
  const input: EmbedInput = { ...bareContext(inside), positions: value };
  const found = countedPositions(areIds ? { ...input, ids: value } : input, padToken);
  return numbersOf(present((await evaluate(g, [found], feedsOf([tensor])))[0])).data;
}

/** Counted one by one. */
function reference(
  rows: readonly (readonly number[])[],
  isReal: (x: number) => boolean,
  padToken: number,
): number[] {
  return rows.flatMap((row) => {
    let next = padToken;
    return row.map((x) => (isReal(x) ? ++next : padToken));
  });
}

const tables = fc.integer({ min: 1, max: 6 }).chain((width) =>
  fc.array(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: width, maxLength: width }), {
    minLength: 1,
    maxLength: 3,
  }),
);

test('positions count the tokens that are not padding, wherever padding stands', async () => {
  await fc.assert(
    fc.asyncProperty(tables, fc.integer({ min: 0, max: 3 }), async (rows, padToken) => {
      const found = await positionsOf(rows, { padToken, areIds: true });
      expect(found).toEqual(reference(rows, (id) => id !== padToken, padToken));
    }),
    { numRuns: 25, seed: 1 },
  );
});

test('without ids the mask says what is padding', async () => {
  const rows = [
    [1, 1, 1],
    [1, 1, 0],
    [0, 1, 1],
  ];
  const found = await positionsOf(rows, { padToken: 1, areIds: false });
  expect(found).toEqual([2, 3, 4, 2, 3, 1, 1, 2, 3]);
});
