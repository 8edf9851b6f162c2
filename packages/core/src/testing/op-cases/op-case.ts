import type { Graph, Value } from '../../graph/index.js';
import type { Random, Tensor } from '../../tensor/index.js';
import type { Numbers } from '../numbers.js';

/** One call of one operator, and the same mathematics in plain double precision. */
export interface OpCase {
  readonly inputs: readonly Tensor[];
  readonly build: (g: Graph, x: readonly Value[]) => readonly Value[];
  readonly reference: (x: readonly Numbers[]) => readonly Numbers[];
  /** Axes that the operator needs as numbers, `[input, axis]`; all others are also tried as names. */
  readonly fixed?: readonly (readonly [number, number])[];
  /** True where the gradient is withheld on purpose although the function has a slope. */
  readonly withheld?: boolean;
}

/** Draws a case: shapes, broadcasts and options all come from `random`. */
export type CaseMaker = (random: Random) => OpCase;

/** All axes of all inputs, for operators that need every size as a number. */
export function allFixed(inputs: readonly Tensor[]): (readonly [number, number])[] {
  return inputs.flatMap(({ shape }, input) => shape.map((_, axis) => [input, axis] as const));
}
