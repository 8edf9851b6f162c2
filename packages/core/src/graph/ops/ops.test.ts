import { expect, test } from 'vitest';
import { randomStream } from '../../tensor/index.js';
import { allNumbers, namesFor, opCases, opDefects } from '../../testing/index.js';

test.each(Object.entries(opCases))(
  '%s gives what its reference gives, in the type and shape inferred',
  async (name, make) => {
    for (let i = 0; i < 16; i++) {
      const opCase = make(randomStream(`ops/${name}/${i}`));
      expect(await opDefects(opCase, allNumbers), `case ${i}`).toEqual([]);
      expect(await opDefects(opCase, namesFor(opCase)), `case ${i} with names`).toEqual([]);
    }
  },
);

test('a wrong value, a wrong shape and a wrong type are found', async () => {
  const exp = opCases.exp(randomStream('planted'));
  expect(await opDefects({ ...exp, build: (g, [x]) => (x ? [g.tanh(x)] : []) })).toMatchObject([
    expect.stringContaining('values differ'),
  ]);
  const lied = await opDefects({
    ...exp,
    build: (g, [x]) => (x ? g.node('Exp', [x], [{ dtype: 'int64', shape: [7, ...x.shape] }]) : []),
  }).catch((error: unknown) => [String(error)]);
  expect(lied).not.toEqual([]);
});
