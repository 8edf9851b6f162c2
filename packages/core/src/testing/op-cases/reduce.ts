import type { Graph, Value } from '../../graph/index.js';
import { draw } from '../../tensor/index.js';
import { at } from '../../text/index.js';
import { drawNormals, drawShape } from '../draws.js';
import { fill, fold, type Numbers, pick, reshaped, total } from '../numbers.js';
import type { CaseMaker } from './op-case.js';

type Reduction = (g: Graph, x: Value, axes: readonly number[], keep: boolean) => Value;

function without(x: Numbers, axes: readonly number[]): Numbers {
  return reshaped(
    x,
    x.shape.filter((_, axis) => !axes.includes(axis)),
  );
}

function reduction(
  build: Reduction,
  join: (values: readonly number[]) => number,
  options: { readonly empty: boolean; readonly withheld?: boolean },
): CaseMaker {
  return (random) => {
    const shape = drawShape(random, { least: 1, most: 4, empty: options.empty });
    const axes = draw(random, shape.length, 1 + random.integer(shape.length)).sort();
    const keep = random.integer(2) === 0;
    // Axes may also be counted from the end.
    const named = axes.map((axis) => (random.integer(2) === 0 ? axis : axis - shape.length));
    return {
      inputs: [drawNormals(random, shape)],
      build: (g, x) => [build(g, at(x, 0), named, keep)],
      reference: ([x]) => {
        if (!x) return [];
        const folded = fold(x, axes, join);
        return [keep ? folded : without(folded, axes)];
      },
      withheld: options.withheld ?? false,
    };
  };
}

const argMax: CaseMaker = (random) => {
  const shape = drawShape(random, { least: 1, most: 4 });
  const axis = random.integer(shape.length);
  return {
    inputs: [drawNormals(random, shape)],
    build: (g, x) => [g.argMax(at(x, 0), axis)],
    reference: ([x]) => {
      if (!x) return [];
      const folded = fold(x, [axis], (values) => values.indexOf(Math.max(...values)));
      return [without(folded, [axis])];
    },
  };
};

const cumSum: CaseMaker = (random) => {
  const shape = drawShape(random, { least: 1, most: 4, empty: true });
  const axis = random.integer(shape.length);
  return {
    inputs: [drawNormals(random, shape)],
    build: (g, x) => [g.cumSum(at(x, 0), axis)],
    reference: ([x]) => {
      if (!x) return [];
      const upTo = (place: readonly number[]): number[] =>
        Array.from({ length: at(place, axis) + 1 }, (_, index) =>
          pick(
            x,
            place.map((own, i) => (i === axis ? index : own)),
          ),
        );
      return [fill(shape, (place) => total(upTo(place)))];
    },
  };
};

const topK: CaseMaker = (random) => {
  const shape = drawShape(random, { least: 1, most: 3 });
  const count = 1 + random.integer(at(shape, shape.length - 1));
  const ranked = (x: Numbers, place: readonly number[]): number => {
    const [outer, rank] = [place.slice(0, -1), at(place, place.length - 1)];
    const values = Array.from({ length: at(x.shape, x.shape.length - 1) }, (_, i) =>
      pick(x, [...outer, i]),
    );
    return at(
      values.map((_, i) => i).sort((a, b) => at(values, b) - at(values, a)),
      rank,
    );
  };
  return {
    inputs: [drawNormals(random, shape)],
    // How many are wanted is a number, so the axis they come from may have any size.
    build: (g, x) => g.topK(at(x, 0), count),
    reference: ([x]) => {
      if (!x) return [];
      const found = [...shape.slice(0, -1), count];
      const index = fill(found, (place) => ranked(x, place));
      return [fill(found, (place) => pick(x, [...place.slice(0, -1), pick(index, place)])), index];
    },
  };
};

/** Cases of the reductions. A sum over nothing is 0; a mean or maximum over nothing has no meaning. */
export const reduceCases = {
  sum: reduction((g, x, axes, keep) => g.sum(x, axes, keep), total, { empty: true }),
  mean: reduction(
    (g, x, axes, keep) => g.mean(x, axes, keep),
    (values) => total(values) / values.length,
    { empty: false },
  ),
  reduceMax: reduction(
    (g, x, axes, keep) => g.reduceMax(x, axes, keep),
    (values) => Math.max(...values),
    { empty: false, withheld: true },
  ),
  argMax,
  cumSum,
  topK,
} as const satisfies { readonly [name: string]: CaseMaker };
