import { floatTensor } from '@vflair/core/tensor';
import { expect, test } from 'vitest';
import { Forecast } from './forecast.js';

const table = Float32Array.of(0, 0, 1, 0, 0, 1, 5, 5);
const target = (values: readonly number[], shrink = 1, coordinates = [0, 1]) => ({
  received: floatTensor([1, 1, 2], Float32Array.from(values)),
  shrink,
  coordinates: Int32Array.from(coordinates),
});

test('the nearest rows come first, those already tried are left out', () => {
  const forecast = new Forecast(2);
  forecast.replace(table);
  expect(forecast.nearest(target([0.9, 0.2]), 2, new Set())).toEqual([1, 0]);
  expect(forecast.nearest(target([0.9, 0.2]), 2, new Set([1]))).toEqual([0, 2]);
  expect(forecast.nearest(target([0.9, 0.2]), 9, new Set())).toHaveLength(4);
});

test('a shift that all tokens share is learnt from the ones that were tried', () => {
  const forecast = new Forecast(2);
  forecast.replace(table);
  const wanted = target([10, 11]);
  expect(forecast.nearest(wanted, 1, new Set())).toEqual([3]);
  forecast.correct([{ id: 0, distance: 1, sent: Float32Array.of(10, 10) }]);
  expect(forecast.nearest(wanted, 1, new Set())).toEqual([2]);
});

test('a target that was shrunk is compared at its own size, on the coordinates that were sent', () => {
  const forecast = new Forecast(2);
  forecast.replace(table);
  expect(forecast.nearest(target([0.5, 0.5], 0.1), 1, new Set())).toEqual([3]);
  expect(forecast.nearest(target([1, 0], 1, [0]), 1, new Set())).toEqual([1]);
});
