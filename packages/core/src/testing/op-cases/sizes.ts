import { dimOf } from '../../graph/index.js';
import type { Random } from '../../tensor/index.js';
import { at } from '../../text/index.js';
import { drawNormals, drawShape } from '../draws.js';
import { fill, type Numbers } from '../numbers.js';
import type { CaseMaker, OpCase } from './op-case.js';

const vector = (data: readonly number[]): Numbers => ({ shape: [data.length], data });

function missingAfter(random: Random): OpCase {
  const shape = drawShape(random, { least: 1, most: 4 });
  const axis = random.integer(shape.length);
  const part = random.integer(at(shape, axis) + 1);
  const start = random.integer(at(shape, axis) - part + 1);
  return {
    inputs: [
      drawNormals(random, shape),
      drawNormals(
        random,
        shape.map((size, i) => (i === axis ? part : size)),
      ),
    ],
    build: (g, [whole, piece]) =>
      whole && piece ? [g.missingAfter(whole, piece, { axis, start: g.ints([start]) })] : [],
    reference: () => [vector([at(shape, axis) - part - start])],
  };
}

/** A number made from the shape of a drawn tensor alone. */
function ofShape(
  build: (...input: Parameters<OpCase['build']>) => ReturnType<OpCase['build']>,
  expected: (shape: readonly number[]) => Numbers,
): CaseMaker {
  return (random) => {
    const shape = drawShape(random, { least: 1, most: 4, empty: true });
    return {
      inputs: [drawNormals(random, shape)],
      build,
      reference: () => [expected(shape)],
    };
  };
}

/** Cases of the operators that read sizes. */
export const sizeCases = {
  shapeOf: ofShape((g, x) => [g.shapeOf(at(x, 0))], vector),
  sizeAt: ofShape(
    (g, x) => [g.sizeAt(at(x, 0), -1)],
    (shape) => vector(shape.slice(-1)),
  ),
  sizeNamed: ofShape(
    (g, x) => [g.sizeNamed(dimOf(at(x, 0), 0))],
    (shape) => vector(shape.slice(0, 1)),
  ),
  range: ofShape(
    (g, x) => [g.range(dimOf(at(x, 0), 0))],
    (shape) => fill(shape.slice(0, 1), ([index = 0]) => index),
  ),
  zerosLike: ofShape(
    (g, x) => [g.zerosLike(at(x, 0))],
    (shape) => fill(shape, () => 0),
  ),
  missingAfter,
} as const satisfies { readonly [name: string]: CaseMaker };
