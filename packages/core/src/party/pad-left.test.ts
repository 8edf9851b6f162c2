import fc from 'fast-check';
import { expect, test } from 'vitest';
import { smallModel } from '../testing/index.js';
import { padLeft } from './pad-left.js';
import { positionsAfter } from './sequence.js';

const spec = smallModel();
const rows = fc.array(fc.array(fc.nat({ max: 9 }), { maxLength: 6 }), {
  minLength: 1,
  maxLength: 4,
});
const numbers = (data: BigInt64Array): number[] => Array.from(data, Number);

test('each row stands at the end of its line, with its own positions from 0', () => {
  fc.assert(
    fc.property(rows, (lists) => {
      const { ids, mask, positions, pooled } = padLeft(lists, spec);
      const [, width = 0] = ids.shape;
      lists.forEach((list, row) => {
        const line = (data: BigInt64Array): number[] =>
          numbers(data.subarray(row * width, (row + 1) * width));
        const padding = Array.from({ length: width - list.length }, () => 0);
        expect(line(ids.data).slice(padding.length)).toEqual(list);
        expect(line(mask.data)).toEqual([...padding, ...list.map(() => 1)]);
        expect(line(positions.data)).toEqual([...padding, ...list.keys()]);
      });
      expect(numbers(pooled.data)).toEqual(lists.map(() => width - 1));
    }),
  );
});

test('positions go on after the real ones before, and padding has none', () => {
  fc.assert(
    fc.property(rows, fc.infiniteStream(fc.boolean()), (lists, flags) => {
      const before = padLeft(lists, spec);
      const more = padLeft(
        lists.map(() => (flags.next().value ? [1] : [])),
        spec,
      );
      expect(
        positionsAfter(
          padLeft(
            lists.map(() => []),
            spec,
          ).mask,
          before.mask,
        ),
      ).toEqual(before.positions);
      const found = numbers(positionsAfter(before.mask, more.mask).data);
      expect(found).toEqual(
        lists.map((list, row) => (more.mask.data[row] === 1n ? list.length : 0)),
      );
    }),
  );
});
