import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { at } from '../text/index.js';
import { AdamW, clipGlobalNorm } from './adamw.js';
import { type FloatTensor, floatTensor, zeros } from './tensor.js';

interface Step {
  readonly lr: number;
  readonly gradient: readonly number[];
  readonly gradientNorm: number;
  readonly after: readonly number[];
}

interface Recorded {
  readonly problem: {
    readonly parameterShapes: readonly number[][];
    readonly start: readonly number[];
  };
  readonly cases: readonly {
    readonly id: string;
    readonly optimiser: {
      readonly name: string;
      readonly lr: number;
      readonly betas: readonly [number, number];
      readonly eps: number;
      readonly weightDecay: number;
    };
    readonly clipNorm: number | null;
    readonly steps: readonly Step[];
  }[];
}

// Ten steps of each optimiser on a fixed quadratic, computed in float64 by an independent implementation.
const beside = fileURLToPath(new URL('../../../../../shared', import.meta.url));
const file = resolve(process.env.VFLAIR_SHARED ?? beside, 'golden/models/optimiser/optimiser.json');
const recorded: Recorded | undefined = existsSync(file)
  ? JSON.parse(readFileSync(file, 'utf8'))
  : undefined;
const cases = (recorded?.cases ?? []).filter(({ optimiser }) =>
  ['adamw', 'adam', 'adamw-wd'].includes(optimiser.name),
);

/** The flat numbers as the two parameters of the problem. */
function parts(shapes: readonly number[][], flat: readonly number[]): Map<string, FloatTensor> {
  let offset = 0;
  return new Map(
    shapes.map((shape, i) => {
      const size = shape.reduce((product, axis) => product * axis, 1);
      const data = Float32Array.from(flat.slice(offset, offset + size));
      offset += size;
      return [`p${i}`, floatTensor(shape, data)];
    }),
  );
}

const flat = (tensors: ReadonlyMap<string, FloatTensor>): number[] =>
  [...tensors.values()].flatMap(({ data }) => [...data]);

/** Largest difference relative to max(1, |expected|). */
function worst(found: readonly number[], expected: readonly number[]): number {
  return Math.max(
    ...expected.map((value, i) => Math.abs(at(found, i) - value) / Math.max(1, Math.abs(value))),
  );
}

test.skipIf(cases.length === 0)(`optimiser reference (absent: ${cases.length === 0})`, () => {
  expect(cases.length).toBeGreaterThanOrEqual(6);
});

test.each(cases)('$id takes the recorded steps', ({ optimiser, clipNorm, steps }) => {
  const { problem } = recorded ?? { problem: { parameterShapes: [], start: [] } };
  const [beta1, beta2] = optimiser.betas;
  const { lr: learningRate, weightDecay, eps: epsilon } = optimiser;
  const adam = new AdamW({ learningRate, weightDecay, beta1, beta2, epsilon });
  const parameters = parts(problem.parameterShapes, problem.start);
  for (const { lr, gradient, gradientNorm, after } of steps) {
    const gradients = parts(problem.parameterShapes, gradient);
    if (clipNorm !== null) {
      // Clipping by min(1, bound/(norm + 1e-6)) there and bound/norm here differ by 1e-6 at most.
      const norm = clipGlobalNorm(gradients, clipNorm);
      expect(norm / gradientNorm).toBeCloseTo(1, 5);
    }
    adam.step(parameters, gradients, lr / learningRate);
    expect(worst(flat(parameters), after)).toBeLessThan(1e-5);
  }
});

test('gradients within the bound are left alone, larger ones are scaled onto it', () => {
  const gradients = (): Map<string, FloatTensor> =>
    new Map([
      ['a', floatTensor([2], Float32Array.of(3, 0))],
      ['b', floatTensor([1], Float32Array.of(4))],
    ]);
  const small = gradients();
  expect(clipGlobalNorm(small, 5)).toBe(5);
  expect(flat(small)).toEqual([3, 0, 4]);
  const large = gradients();
  expect(clipGlobalNorm(large, 1)).toBe(5);
  expect(Math.hypot(...flat(large))).toBeCloseTo(1, 6);
  expect(clipGlobalNorm(new Map([['z', zeros([2])]]), 1)).toBe(0);
});

test('an optimiser restored from its state goes on as if it had not stopped', () => {
  const gradient = new Map([['p', floatTensor([2], Float32Array.of(0.5, -2))]]);
  const start = (): Map<string, FloatTensor> =>
    new Map([['p', floatTensor([2], Float32Array.of(1, 1))]]);
  const [whole, stopped] = [start(), start()];
  const straight = new AdamW({ learningRate: 0.1, weightDecay: 0.1 });
  for (let i = 0; i < 4; i++) straight.step(whole, gradient);
  const first = new AdamW({ learningRate: 0.1, weightDecay: 0.1 });
  for (let i = 0; i < 2; i++) first.step(stopped, gradient);
  const second = new AdamW({ learningRate: 0.1, weightDecay: 0.1 });
  second.restore(first.state().time, first.state().moments);
  for (let i = 0; i < 2; i++) second.step(stopped, gradient);
  expect(stopped).toEqual(whole);
});

test('a parameter without gradient is not decayed', () => {
  const parameters = new Map([['p', floatTensor([1], Float32Array.of(1))]]);
  new AdamW({ learningRate: 0.1, weightDecay: 0.5 }).step(parameters, new Map());
  expect(flat(parameters)).toEqual([1]);
});
