import type { Random } from '../../tensor/index.js';
import { at } from '../../text/index.js';
import { drawIntegers, drawNormals, drawShape } from '../draws.js';
import { fill, pick } from '../numbers.js';
import type { CaseMaker, OpCase } from './op-case.js';

const replaced = (place: readonly number[], axis: number, index: number): number[] =>
  place.map((own, i) => (i === axis ? index : own));

const same = (a: readonly number[], b: readonly number[]): boolean =>
  a.every((index, i) => index === b[i]);

// Rows by index on axis 0, the axis that has a gradient.
function gather(random: Random): OpCase {
  const shape = drawShape(random, { least: 1, most: 3 });
  const indices = drawShape(random, { least: 0, most: 2, empty: true });
  return {
    inputs: [drawNormals(random, shape), drawIntegers(random, indices, at(shape, 0))],
    build: (g, x) => [g.gather(at(x, 0), at(x, 1))],
    reference: ([x, rows]) => {
      if (!x || !rows) return [];
      const depth = rows.shape.length;
      return [
        fill([...rows.shape, ...x.shape.slice(1)], (place) =>
          pick(x, [pick(rows, place.slice(0, depth)), ...place.slice(depth)]),
        ),
      ];
    },
  };
}

function gatherElements(random: Random): OpCase {
  const shape = drawShape(random, { least: 1, most: 3 });
  const axis = random.integer(shape.length);
  const taken = replaced(shape, axis, 1 + random.integer(4));
  return {
    inputs: [drawNormals(random, shape), drawIntegers(random, taken, at(shape, axis))],
    build: (g, x) => [g.gatherElements(at(x, 0), at(x, 1), axis)],
    reference: ([x, indices]) => {
      if (!x || !indices) return [];
      return [fill(taken, (place) => pick(x, replaced(place, axis, pick(indices, place))))];
    },
  };
}

function scatterElementsAdd(random: Random): OpCase {
  const shape = drawShape(random, { least: 1, most: 3 });
  const axis = random.integer(shape.length);
  const given = replaced(shape, axis, 1 + random.integer(4));
  return {
    inputs: [
      drawNormals(random, shape),
      drawIntegers(random, given, at(shape, axis)),
      drawNormals(random, given),
    ],
    build: (g, x) => [g.scatterElementsAdd(at(x, 0), at(x, 1), { updates: at(x, 2), axis })],
    reference: ([x, indices, updates]) => {
      if (!x || !indices || !updates) return [];
      const data = [...x.data];
      const places = fill(shape, () => 0);
      fill(given, (place) => {
        const target = replaced(place, axis, pick(indices, place));
        const offset = target.reduce((sum, index, i) => sum * at(places.shape, i) + index, 0);
        data[offset] = at(data, offset) + pick(updates, place);
        return 0;
      });
      return [{ shape, data }];
    },
  };
}

/** Index tuples `[...outer, depth]` that are valid in `shape`, and where they point. */
function drawTuples(random: Random) {
  const shape = drawShape(random, { least: 1, most: 3 });
  const depth = 1 + random.integer(shape.length);
  const outer = drawShape(random, { least: 1, most: 2 });
  const numbers = fill([...outer, depth], (place) =>
    random.integer(at(shape, at(place, place.length - 1))),
  );
  const tuples = drawIntegers(random, [...outer, depth], 1);
  numbers.data.forEach((value, i) => {
    tuples.data[i] = BigInt(value);
  });
  return { shape, depth, outer, tuples, inner: shape.slice(depth) };
}

function gatherND(random: Random): OpCase {
  const { shape, depth, outer, tuples, inner } = drawTuples(random);
  return {
    inputs: [drawNormals(random, shape), tuples],
    fixed: [[1, outer.length]],
    build: (g, x) => [g.gatherND(at(x, 0), at(x, 1))],
    reference: ([x, indices]) => {
      if (!x || !indices) return [];
      return [
        fill([...outer, ...inner], (place) => {
          const row = place.slice(0, outer.length);
          const tuple = Array.from({ length: depth }, (_, i) => pick(indices, [...row, i]));
          return pick(x, [...tuple, ...place.slice(outer.length)]);
        }),
      ];
    },
  };
}

function scatterNDAdd(random: Random): OpCase {
  const { shape, depth, outer, tuples, inner } = drawTuples(random);
  return {
    inputs: [drawNormals(random, shape), tuples, drawNormals(random, [...outer, ...inner])],
    fixed: [[1, outer.length]],
    build: (g, x) => [g.scatterNDAdd(at(x, 0), at(x, 1), at(x, 2))],
    reference: ([x, indices, updates]) => {
      if (!x || !indices || !updates) return [];
      return [
        fill(shape, (place) => {
          let sum = pick(x, place);
          fill(outer, (row) => {
            const tuple = Array.from({ length: depth }, (_, i) => pick(indices, [...row, i]));
            if (same(tuple, place)) sum += pick(updates, [...row, ...place.slice(depth)]);
            return 0;
          });
          return sum;
        }),
      ];
    },
  };
}

/** Cases of the operators that pick or add by index; repeated indices are common at these sizes. */
export const indexingCases = {
  gather,
  gatherElements,
  scatterElementsAdd,
  gatherND,
  scatterNDAdd,
} as const satisfies { readonly [name: string]: CaseMaker };
