import { expect, test } from 'vitest';
import { randomStream } from '../tensor/index.js';
import { onceAndTwice, opCases } from '../testing/index.js';

test.each(Object.entries(opCases))(
  '%s: keeping and then going backward is one run',
  async (name, make) => {
    for (let i = 0; i < 4; i++) {
      const { once, twice } = await onceAndTwice(
        make(randomStream(`once/${name}/${i}`)),
        randomStream(`${i}`),
      );
      expect(twice).toEqual(once);
    }
  },
);
