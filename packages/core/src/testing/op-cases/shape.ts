import { addDims, dimOf, multiplyDims } from '../../graph/index.js';
import { draw, type Random } from '../../tensor/index.js';
import { at } from '../../text/index.js';
import { drawNarrower, drawNormals, drawShape } from '../draws.js';
import { fill, inserted, type Numbers, pick, reshaped } from '../numbers.js';
import type { CaseMaker, OpCase } from './op-case.js';

/** A tensor and one of its axes. */
function drawAxis(random: Random, empty = false) {
  const shape = drawShape(random, { least: 1, most: 4, empty });
  return { shape, x: drawNormals(random, shape), axis: random.integer(shape.length) };
}

function along(shape: readonly number[], axis: number, size: number): number[] {
  return shape.map((own, i) => (i === axis ? size : own));
}

function moved(place: readonly number[], axis: number, by: number): number[] {
  return place.map((index, i) => (i === axis ? index + by : index));
}

// Reversed sizes, or two axes in one: the element order stays.
function reshape(random: Random): OpCase {
  const shape = drawShape(random, { least: 2, most: 4 });
  const merged = random.integer(2) === 0;
  return {
    inputs: [drawNormals(random, shape)],
    build: (g, [x]) => {
      if (!x) return [];
      const joined = [multiplyDims(x.shape.slice(0, 2)), ...x.shape.slice(2)];
      return [g.reshape(x, merged ? joined : [...x.shape].reverse())];
    },
    reference: ([x]) => {
      if (!x) return [];
      const joined = [at(shape, 0) * at(shape, 1), ...shape.slice(2)];
      return [reshaped(x, merged ? joined : [...shape].reverse())];
    },
  };
}

function reshapeLike(random: Random): OpCase {
  const shape = drawShape(random, { least: 1, most: 4 });
  const other = draw(random, shape.length).map((axis) => at(shape, axis));
  return {
    inputs: [drawNormals(random, shape), drawNormals(random, other)],
    build: (g, x) => [g.reshapeLike(at(x, 0), at(x, 1))],
    reference: (x) => [reshaped(at(x, 0), other)],
  };
}

const permuted = (x: Numbers, order: readonly number[]): Numbers =>
  fill(
    order.map((axis) => at(x.shape, axis)),
    (place) =>
      pick(
        x,
        order.map((_, axis) => at(place, order.indexOf(axis))),
      ),
  );

function transpose(random: Random): OpCase {
  const shape = drawShape(random, { least: 1, most: 4, empty: true });
  const order = draw(random, shape.length);
  return {
    inputs: [drawNormals(random, shape)],
    build: (g, x) => [g.transpose(at(x, 0), order)],
    reference: (x) => [permuted(at(x, 0), order)],
  };
}

function swapLast2(random: Random): OpCase {
  const shape = drawShape(random, { least: 2, most: 4, empty: true });
  const order = shape.map((_, axis) => axis);
  order.push(...order.splice(-2).reverse());
  return {
    inputs: [drawNormals(random, shape)],
    build: (g, x) => [g.swapLast2(at(x, 0))],
    reference: (x) => [permuted(at(x, 0), order)],
  };
}

function concat(random: Random): OpCase {
  const { shape, axis } = drawAxis(random);
  const parts = Array.from({ length: 1 + random.integer(3) }, () =>
    drawNormals(random, along(shape, axis, random.integer(4))),
  );
  return {
    inputs: parts,
    build: (g, x) => [g.concat(x, axis)],
    reference: (x) => {
      const ends = x.map((_, i) =>
        x.slice(0, i + 1).reduce((sum, part) => sum + at(part.shape, axis), 0),
      );
      return [
        fill(along(shape, axis, at(ends, ends.length - 1)), (place) => {
          const part = ends.findIndex((end) => at(place, axis) < end);
          return pick(at(x, part), moved(place, axis, -(ends[part - 1] ?? 0)));
        }),
      ];
    },
  };
}

function split(random: Random): OpCase {
  const { shape, axis } = drawAxis(random);
  const sizes = Array.from({ length: 1 + random.integer(3) }, () => 1 + random.integer(3));
  const starts = sizes.map((_, i) => sizes.slice(0, i).reduce((sum, size) => sum + size, 0));
  const whole = sizes.reduce((sum, size) => sum + size, 0);
  return {
    inputs: [drawNormals(random, along(shape, axis, whole))],
    fixed: [[0, axis]],
    build: (g, x) => g.split(at(x, 0), sizes, axis),
    reference: ([x]) =>
      sizes.map((size, part) =>
        fill(along(shape, axis, size), (place) =>
          x ? pick(x, moved(place, axis, at(starts, part))) : Number.NaN,
        ),
      ),
  };
}

function slice(random: Random): OpCase {
  const { shape, x, axis } = drawAxis(random);
  const whole = at(shape, axis);
  const start = random.integer(whole);
  const end = start + 1 + random.integer(whole - start);
  const kinds = [{ start }, { start, end }, { start, end: end - whole }];
  const kind = random.integer(end === whole ? 2 : 3);
  return {
    inputs: [x],
    // From the front to a counted end the size of the result is only known if the whole is.
    fixed: kind === 1 ? [[0, axis]] : [],
    build: (g, [value]) => (value ? [g.slice(value, axis, at(kinds, kind))] : []),
    reference: ([numbers]) => {
      if (!numbers) return [];
      const size = kind === 0 ? whole - start : end - start;
      return [fill(along(shape, axis, size), (place) => pick(numbers, moved(place, axis, start)))];
    },
  };
}

function padAxis(random: Random): OpCase {
  const { shape, x, axis } = drawAxis(random, true);
  const [before, after] = [random.integer(3), random.integer(3)];
  return {
    inputs: [x],
    build: (g, [value]) => {
      if (!value) return [];
      const size = addDims(dimOf(value, axis), before + after);
      return [g.padAxis(value, axis, { before: g.ints([before]), after: g.ints([after]), size })];
    },
    reference: ([numbers]) => {
      if (!numbers) return [];
      const whole = at(shape, axis);
      return [
        fill(along(shape, axis, whole + before + after), (place) => {
          const index = at(place, axis) - before;
          return index >= 0 && index < whole ? pick(numbers, moved(place, axis, -before)) : 0;
        }),
      ];
    },
  };
}

function expandCase(like: boolean): CaseMaker {
  return (random) => {
    const shape = drawShape(random, { least: 0, most: 4, empty: true });
    const narrow = drawNarrower(random, shape);
    return {
      inputs: [drawNormals(random, narrow), drawNormals(random, shape)],
      build: (g, [x, target]) => {
        if (!x || !target) return [];
        return [like ? g.expandLike(x, target) : g.expand(x, target.shape)];
      },
      reference: ([x]) => (x ? [fill(shape, (place) => pick(x, place))] : []),
    };
  };
}

function unsqueeze(random: Random): OpCase {
  const shape = drawShape(random, { least: 0, most: 3, empty: true });
  const axis = random.integer(shape.length + 1);
  const named = random.integer(2) === 0 ? axis : axis - shape.length - 1;
  return {
    inputs: [drawNormals(random, shape)],
    build: (g, x) => [g.unsqueeze(at(x, 0), [named])],
    reference: (x) => [reshaped(at(x, 0), inserted(shape, axis, 1))],
  };
}

function squeeze(random: Random): OpCase {
  const shape = drawShape(random, { least: 0, most: 3, empty: true });
  const axis = random.integer(shape.length + 1);
  return {
    inputs: [drawNormals(random, inserted(shape, axis, 1))],
    build: (g, x) => [g.squeeze(at(x, 0), [axis])],
    reference: (x) => [reshaped(at(x, 0), shape)],
  };
}

/** Cases of the operators that move elements. */
export const shapeCases = {
  reshape,
  reshapeLike,
  transpose,
  swapLast2,
  concat,
  split,
  slice,
  padAxis,
  expand: expandCase(false),
  expandLike: expandCase(true),
  unsqueeze,
  squeeze,
} as const satisfies { readonly [name: string]: CaseMaker };
