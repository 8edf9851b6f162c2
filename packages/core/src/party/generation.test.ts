import fc from 'fast-check';
import { expect, test } from 'vitest';
import { floatTensor } from '../tensor/index.js';
import { smallModel } from '../testing/index.js';
import { withoutPadding } from './generation.js';
import { padLeft } from './pad-left.js';

const rows = fc.array(fc.array(fc.nat({ max: 9 }), { maxLength: 4 }), { minLength: 1 });

test('nothing is sent at padding, and everything as it is elsewhere', () => {
  fc.assert(
    fc.property(rows, (lists) => {
      const { mask } = padLeft(lists, smallModel());
      const data = Float32Array.from({ length: 3 * mask.data.length }, (_, i) => i + 1);
      const sent = withoutPadding(floatTensor([...mask.shape, 3], data), mask);
      expect(sent.shape).toEqual([...mask.shape, 3]);
      for (const [i, value] of sent.data.entries())
        expect(value).toBe(mask.data[Math.floor(i / 3)] === 1n ? i + 1 : 0);
    }),
  );
});
