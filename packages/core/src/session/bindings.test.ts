import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createGraph } from '../graph/index.js';
import { zeros } from '../tensor/index.js';
import { smallModel } from '../testing/index.js';
import {
  bindParameters,
  cutParts,
  parameterShape,
  partParameters,
  trainedTensors,
  wholePart,
} from './bindings.js';

const spec = smallModel();
const cuts = fc
  .uniqueArray(fc.integer({ min: 0, max: spec.blocks }), { maxLength: 4 })
  .map((list) => list.sort((a, b) => a - b));

test('every block is in one part, the embedding in the first, the output in the last', () => {
  fc.assert(
    fc.property(cuts, (places) => {
      const parts = cutParts(spec, places);
      expect(parts.map(({ embed }) => embed)).toEqual(parts.map((_, i) => i === 0));
      expect(parts.map(({ output }) => output)).toEqual(parts.map((_, i) => i === places.length));
      expect(
        parts.flatMap(({ first, end }) => Array.from({ length: end - first }, (_, i) => first + i)),
      ).toEqual([0, 1, 2]);
    }),
    { seed: 7 },
  );
  expect(cutParts(spec, [])).toEqual([wholePart(spec)]);
});

test('every parameter is somewhere, and only a tied one at two parts', () => {
  fc.assert(
    fc.property(cuts, (places) => {
      const keys = cutParts(spec, places).flatMap((part) =>
        partParameters(spec, part).map(({ key }) => key),
      );
      const twice = keys.filter((key, i) => keys.indexOf(key) !== i);
      expect(new Set(keys)).toEqual(new Set(spec.parameters.map(({ key }) => key)));
      expect(twice).toEqual(places.length === 0 ? [] : ['table']);
    }),
    { seed: 8 },
  );
});

test('a frozen parameter is a constant, a trained one an input, asked for twice the same', () => {
  const g = createGraph();
  const tensor = zeros([4, 4]);
  const pair = { a: zeros([2, 4]), b: zeros([4, 2]), scale: 2 };
  const weights = {
    stored: () => tensor,
    trained: new Map([['norm', zeros([4])]]),
    adapters: new Map([['block.0.weight', pair]]),
  };
  const parameters = bindParameters(g, spec, weights);
  expect(parameters.weight('block.0.weight')).toBe(parameters.weight('block.0.weight'));
  expect(parameters.weight('norm')).toBe(parameters.weight('norm'));
  expect(parameters.adapter('block.0.weight')?.scale).toBe(2);
  expect(parameters.adapter('norm')).toBeUndefined();
  expect([parameters.trains('norm'), parameters.trains('table')]).toEqual([true, false]);
  expect(g.inputs.map(({ name }) => name).sort()).toEqual(
    [...trainedTensors(weights).keys()].sort(),
  );
  expect([...g.initializers.keys()]).toEqual(['block.0.weight']);
  expect(() => parameters.weight('abacus')).toThrow('VF923');
  expect(parameterShape(spec, 'table')).toEqual([7, 4]);
});
