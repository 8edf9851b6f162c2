import { expect, test } from 'vitest';
import { floatTensor } from '../tensor/index.js';
import { createGraph } from './build.js';

const one = floatTensor([1], Float32Array.of(1));

test('every value of a graph has a name of its own', () => {
  const g = createGraph();
  const x = g.input('x', 'float32', [2]);
  g.split(g.add(x, g.mul(x, 2)), [1, 1], 0);
  const names = [
    ...g.inputs.map(({ name }) => name),
    ...g.initializers.keys(),
    ...g.nodes.flatMap(({ outputs }) => outputs.map(({ name }) => name)),
  ];
  expect(new Set(names).size).toBe(names.length);
});

test('a parameter asked for twice is one constant', () => {
  const g = createGraph();
  expect(g.parameter('w', one)).toBe(g.parameter('w', one));
  expect(g.initializers.size).toBe(1);
});

test('names of inputs and outputs are given once', () => {
  const g = createGraph();
  const x = g.input('x', 'float32', [2]);
  expect(() => g.input('x', 'int64', [1])).toThrow('VF910');
  g.output('y', g.neg(x));
  expect(() => g.output('y', x)).toThrow('VF911');
});

test('a named size is read from the first input that carries it', () => {
  const g = createGraph();
  const x = g.input('x', 'float32', [4, 'seq']);
  g.input('y', 'float32', ['seq', 'batch']);
  expect(g.sizeSource('seq')).toEqual({ of: x, axis: 1 });
  expect(g.sizeSource('elsewhere')).toBeUndefined();
  expect(() => g.sizeNamed('elsewhere')).toThrow('VF916');
});

test('products of matrices that don’t fit, and slices of unknown length, are refused', () => {
  const g = createGraph();
  const x = g.input('x', 'float32', ['n', 3]);
  expect(() => g.matMul(x, x)).toThrow('VF918');
  expect(() => g.gemm(x, x)).toThrow('VF918');
  expect(() => g.slice(x, 0, { start: 0, end: 1 })).toThrow('VF914');
  expect(g.slice(x, 0, { start: 0, end: 1, size: 1 }).shape).toEqual([1, 3]);
});
