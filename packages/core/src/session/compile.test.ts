import { expect, test } from 'vitest';
import type { GraphBuilder } from '../contract/index.js';
import { floatTensor } from '../tensor/index.js';
import { compileGraph } from './compile.js';

const vector = (...values: number[]) => floatTensor([values.length], Float32Array.from(values));

// square = a², sum = a + b.
const build: GraphBuilder = (g) => {
  const [a, b] = [g.input('a', 'float32', ['n']), g.input('b', 'float32', ['n'])];
  return { square: g.mul(a, a), sum: g.add(a, b) };
};

test('outputs come by name, derivatives by the name of what they are by', async () => {
  const session = await compileGraph(build, { of: 'square', wrt: ['a', 'b'] });
  const found = await session.run({ a: vector(3, -1), b: vector(1, 1) });
  await session.close();
  expect(found).toEqual({
    square: vector(9, 1),
    sum: vector(4, 0),
    da: vector(6, -2),
    db: vector(0, 0),
  });
});

test('one output needs no name to be differentiated, an input may be an output', async () => {
  const session = await compileGraph((g) => ({ same: g.input('x', 'float32', [2]) }), {
    wrt: ['x'],
  });
  expect(await session.run({ x: vector(5, 6) })).toEqual({ same: vector(5, 6), dx: vector(1, 1) });
  await session.close();
});

test('what is not there can’t be differentiated', async () => {
  await expect(compileGraph(build, { wrt: ['a'] })).rejects.toThrow('VF924');
  await expect(compileGraph(build, { of: 'cube', wrt: ['a'] })).rejects.toThrow('VF924');
  await expect(compileGraph(build, { of: 'sum', wrt: ['c'] })).rejects.toThrow('VF924');
});
