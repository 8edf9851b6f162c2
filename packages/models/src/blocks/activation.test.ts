import { floatTensor } from '@vflair/core/tensor';
import {
  erf,
  evaluate,
  feedsOf,
  inputGraph,
  numbersOf,
  worstDifference,
} from '@vflair/core/testing';
import { at } from '@vflair/core/text';
import { expect, test } from 'vitest';
import { activation } from './activation.js';

const tanhGelu = (x: number): number =>
  0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

const formulas: readonly (readonly [string, (x: number) => number])[] = [
  ['gelu', (x) => 0.5 * x * (1 + erf(x / Math.SQRT2))],
  ['gelu_python', (x) => 0.5 * x * (1 + erf(x / Math.SQRT2))],
  ['gelu_10', (x) => Math.min(10, 0.5 * x * (1 + erf(x / Math.SQRT2)))],
  ['gelu_accurate', tanhGelu],
  ['gelu_python_tanh', tanhGelu],
  ['relu2', (x) => Math.max(0, x) ** 2],
  ['relu6', (x) => Math.min(6, Math.max(0, x))],
  ['leaky_relu', (x) => (x > 0 ? x : 0.01 * x)],
  ['hardswish', (x) => (x * Math.min(6, Math.max(0, x + 3))) / 6],
  ['mish', (x) => x * Math.tanh(Math.log1p(Math.exp(x)))],
  ['laplace', (x) => 0.5 * (1 + erf((x - Math.SQRT1_2) / (0.282095 * Math.SQRT2)))],
  ['gelu_new', tanhGelu],
  ['gelu_fast', tanhGelu],
  ['gelu_pytorch_tanh', tanhGelu],
  ['quick_gelu', (x) => x * sigmoid(1.702 * x)],
  ['relu', (x) => Math.max(0, x)],
  ['silu', (x) => x * sigmoid(x)],
  ['swish', (x) => x * sigmoid(x)],
  ['tanh', Math.tanh],
  ['sigmoid', sigmoid],
  ['linear', (x) => x],
];

test.each(formulas)('%s is its formula', async (name, formula) => {
  const x = floatTensor(
    [41],
    Float32Array.from({ length: 41 }, (_, i) => (i - 20) / 1.5),
  );
  const { g, values } = inputGraph([x]);
  const [y] = await evaluate(g, [activation(name)(g, at(values, 0))], feedsOf([x]));
  const expected = { shape: [41], data: Array.from(x.data, formula) };
  expect(worstDifference(numbersOf(y ?? x), expected)).toBeLessThan(2e-6);
});

test('an unknown name is a finding that lists the known ones', () => {
  expect(() => activation('swoosh')).toThrow('VF531');
  expect(() => activation('toString')).toThrow('VF531');
});
