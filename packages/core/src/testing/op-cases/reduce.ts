import type { Graph, Value } from '../../graph/index.js';
import { draw } from '../../tensor/index.js';
import { at } from '../../text/index.js';
import { drawNormals, drawShape } from '../draws.js';
import { fold, type Numbers, reshaped, total } from '../numbers.js';
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
} as const satisfies { readonly [name: string]: CaseMaker };
