import { expect, test } from 'vitest';
import { randomStream } from '../../tensor/index.js';
import {
  allNumbers,
  gradientDefects,
  namesFor,
  type OpCase,
  opCases,
  operatorsOf,
  secondOrderDefects,
  stretch,
} from '../../testing/index.js';
import { rules } from '../gradients.js';

const cases = Object.entries(opCases);
const draws = Array.from({ length: 12 }, (_, i) => i);

test.each(cases)('the gradient of %s is the slope of its reference', async (name, make) => {
  for (const i of draws) {
    const opCase = make(randomStream(`gradient/${name}/${i}`));
    const directions = randomStream(`directions/${name}/${i}`);
    expect(await gradientDefects(opCase, directions, allNumbers), `case ${i}`).toEqual([]);
    expect(
      await gradientDefects(opCase, directions, namesFor(opCase)),
      `case ${i} with names`,
    ).toEqual([]);
  }
});

test.each(cases)('the gradient of the gradient of %s is the curvature', async (name, make) => {
  for (const i of draws) {
    const opCase = make(randomStream(`curvature/${name}/${i}`));
    const directions = randomStream(`directions/${name}/${i}`);
    expect(await secondOrderDefects(opCase, directions, allNumbers), `case ${i}`).toEqual([]);
    expect(
      await secondOrderDefects(opCase, directions, namesFor(opCase)),
      `case ${i} with names`,
    ).toEqual([]);
  }
});

test('every operator that can be built, or that a gradient is made of, has a rule; no rule is idle', () => {
  const built = cases.flatMap(([name, make]) =>
    draws.flatMap((i) =>
      operatorsOf(make(randomStream(`gradient/${name}/${i}`)), randomStream('x')).flatMap((set) => [
        ...set,
      ]),
    ),
  );
  expect([...new Set(built)].sort()).toEqual(Object.keys(rules).sort());
});

test('a gradient that misses a part, and one that is there although withheld, are found', async () => {
  const exp = opCases.exp(randomStream('planted'));
  const planted: OpCase = {
    inputs: exp.inputs,
    build: (g, [x]) => (x ? [g.mul(x, g.stopGradient(x))] : []),
    reference: ([x]) => (x ? [stretch((value = 0) => value * value, [x])] : []),
  };
  const directions = randomStream('directions');
  expect(await gradientDefects(planted, directions)).toMatchObject([
    expect.stringContaining('instead of'),
  ]);
  expect(await secondOrderDefects(planted, directions)).toMatchObject([
    expect.stringContaining('instead of'),
  ]);
  expect(await gradientDefects({ ...exp, withheld: true }, directions)).toHaveLength(1);
});
