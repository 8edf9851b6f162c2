import { expect, test } from 'vitest';
import { configReader, labelCount } from './config.js';

const read = configReader(
  {
    layers: 3,
    half: 1.5,
    zero: 0,
    name: 'x',
    on: true,
    nothing: null,
    list: [1, 2.5],
    names: ['a', 'b'],
    inner: { depth: 1 },
  },
  'test',
);

test('a field is read in its type, under the first name that is there', () => {
  expect(read.count('blocks', 'layers')).toBe(3);
  expect(read.number('half', 2)).toBe(1.5);
  expect(read.text('name', 'y')).toBe('x');
  expect(read.flag('on', false)).toBe(true);
  expect(read.optionalCount('zero')).toBe(0);
});

test('lists and objects are read whole', () => {
  expect(read.numbers('list')).toEqual([1, 2.5]);
  expect(read.words('names')).toEqual(['a', 'b']);
  expect(read.part('inner')).toEqual({ depth: 1 });
  expect([read.numbers('absent'), read.words('nothing'), read.part('absent')]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect(() => read.numbers('names')).toThrow(/VF530.*`names`/);
  expect(() => read.words('list')).toThrow('VF530');
  expect(() => read.part('list')).toThrow('VF530');
});

test('a number without fallback has to be there', () => {
  expect(read.number('half')).toBe(1.5);
  expect(read.optionalNumber('half')).toBe(1.5);
  expect(read.optionalNumber('absent')).toBeUndefined();
  expect(() => read.number('absent')).toThrow(/VF530.*`absent`/);
});

test('what is absent or null is the fallback, or nothing', () => {
  expect(read.number('nothing', 2)).toBe(2);
  expect(read.text('absent', 'y')).toBe('y');
  expect(read.flag('absent', true)).toBe(true);
  expect(read.optionalCount('nothing')).toBeUndefined();
});

test('another type is a finding that names the field', () => {
  expect(() => read.count('half')).toThrow(/VF530.*`half`/);
  expect(() => read.count('zero')).toThrow('VF530');
  expect(() => read.count('absent', 'nothing')).toThrow(/`absent` or `nothing`/);
  expect(() => read.number('name', 1)).toThrow('VF530');
  expect(() => read.text('on', 'x')).toThrow('VF530');
  expect(() => read.flag('name', true)).toThrow('VF530');
  expect(() => read.optionalCount('half')).toThrow('VF530');
});

test('a value nobody built is refused, one that is absent is not', () => {
  expect(() => read.only('name', ['y'])).toThrow(/VF532.*`name`/);
  expect(() => read.only('name', ['x', 'y'])).not.toThrow();
  expect(() => read.only('nothing', [])).not.toThrow();
});

test('the number of classes is what was asked for, else what the config says, else 2', () => {
  expect(labelCount({ num_labels: 4 }, 'cls', 3)).toBe(3);
  expect(labelCount({ num_labels: 4, id2label: { 0: 'a' } }, 'cls')).toBe(4);
  expect(labelCount({ id2label: { 0: 'a', 1: 'b', 2: 'c' } }, 'cls')).toBe(3);
  expect(labelCount({}, 'cls')).toBe(2);
  expect(labelCount({ num_labels: 4 }, 'reg', 3)).toBe(1);
});
