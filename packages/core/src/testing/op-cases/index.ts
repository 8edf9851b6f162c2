import type { ops } from '../../graph/index.js';
import { fill } from '../numbers.js';
import { elementwiseCases } from './elementwise.js';
import { indexingCases } from './indexing.js';
import { linearCases } from './linear.js';
import type { CaseMaker } from './op-case.js';
import { quantisedCases } from './quantised.js';
import { reduceCases } from './reduce.js';
import { shapeCases } from './shape.js';
import { sizeCases } from './sizes.js';

const scalar: CaseMaker = (random) => {
  const value = random.integer(100) - 50;
  const dtype = random.integer(2) === 0 ? 'float32' : 'int64';
  return {
    inputs: [],
    build: (g) => [g.scalar(value, dtype)],
    reference: () => [fill([], () => value)],
  };
};

const ints: CaseMaker = (random) => {
  const values = Array.from({ length: random.integer(4) }, () => random.integer(100) - 50);
  return {
    inputs: [],
    build: (g) => [g.ints(values)],
    reference: () => [{ shape: [values.length], data: values }],
  };
};

/** A case for every operator of the graph language: a new operator without one does not compile. */
export const opCases: { readonly [Name in Exclude<keyof typeof ops, 'flattenedDim'>]: CaseMaker } =
  {
    scalar,
    ints,
    ...elementwiseCases,
    ...linearCases,
    ...quantisedCases,
    ...reduceCases,
    ...indexingCases,
    ...shapeCases,
    ...sizeCases,
  };

export type { CaseMaker, OpCase } from './op-case.js';
export { drawPacked, type PackedCase } from './quantised.js';
