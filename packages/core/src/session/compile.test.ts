import { expect, test } from 'vitest';
import { asFloat, floatTensor } from '../tensor/index.js';
import { present } from '../text/index.js';
import { compileGraph } from './compile.js';

const x = floatTensor([2, 2], Float32Array.of(1, -2, 3, 0.5));

test('outputs come out by the names they were given, inputs and constants too', async () => {
  const session = await compileGraph((g) => {
    const input = g.input('x', 'float32', ['rows', 2]);
    return { same: input, two: g.scalar(2), double: g.mul(input, 2) };
  });
  const { same, two, double } = await session.run({ x });
  await session.close();
  expect([...asFloat(present(same)).data]).toEqual([1, -2, 3, 0.5]);
  expect([...asFloat(present(two)).data]).toEqual([2]);
  expect([...asFloat(present(double)).data]).toEqual([2, -4, 6, 1]);
});

test('d of an input is the gradient of the summed output, zeros where nothing depends on it', async () => {
  const session = await compileGraph(
    (g) => {
      const input = g.input('x', 'float32', ['rows', 2]);
      g.input('idle', 'float32', ['rows', 2]);
      // Per row: Σ x².
      return { squares: g.sum(g.mul(input, input), [1]), other: g.mul(input, 100) };
    },
    { of: 'squares', wrt: ['x', 'idle'] },
  );
  const { dx, didle } = await session.run({ x, idle: x });
  await session.close();
  expect([...asFloat(present(dx)).data]).toEqual([2, -4, 6, 1]);
  expect([...asFloat(present(didle)).data]).toEqual([0, 0, 0, 0]);
});

test('one output needs no name to be differentiated, two do', async () => {
  const session = await compileGraph((g) => ({ only: g.mul(g.input('x', 'float32', [2, 2]), 3) }), {
    wrt: ['x'],
  });
  const { dx } = await session.run({ x });
  await session.close();
  expect([...asFloat(present(dx)).data]).toEqual([3, 3, 3, 3]);
  const two = compileGraph(
    (g) => {
      const input = g.input('x', 'float32', [2, 2]);
      return { a: g.mul(input, 3), b: g.mul(input, 4) };
    },
    { wrt: ['x'] },
  );
  await expect(two).rejects.toThrow('VF924');
});

test('a name that is no input can not be differentiated by', async () => {
  const build = compileGraph((g) => ({ y: g.neg(g.input('x', 'float32', [2])) }), { wrt: ['z'] });
  await expect(build).rejects.toThrow('VF924: no input `z`');
});
