import type { BlockContext } from '@vflair/core/contract';
import type { Value } from '@vflair/core/graph';
import { linear } from './linear.js';

/** The maps and norms of one block, by their names inside it. */
export interface Layer {
  readonly index: number;
  /** Checkpoint key of what is called `name` inside. */
  readonly keyOf: (name: string) => string;
  /** y = x·Wᵀ, plus b where the family has one under that name. */
  readonly map: (name: string, x: Value) => Value;
  /** y = w ⊙ (x − mean)/√(var + ε) + b. */
  readonly layerNorm: (name: string, x: Value, epsilon: number) => Value;
  /** y = (offset + w) ⊙ x/√(mean x² + ε); offset 0 when absent. */
  readonly rmsNorm: (name: string, x: Value, epsilon: number, offset?: number) => Value;
}

/** The layer whose parameters are stored under `key`, a prefix with its dot. */
export function layerOf({ g, parameters }: BlockContext, key: string, index: number): Layer {
  return {
    index,
    keyOf: (name) => `${key}${name}`,
    map: (name, x) => {
      const bias = `${key}${name}.bias`;
      const map = { weight: `${key}${name}.weight` };
      return linear(g, parameters, x, parameters.has(bias) ? { ...map, bias } : map);
    },
    layerNorm: (name, x, epsilon) =>
      g.layerNorm(x, parameters.weight(`${key}${name}.weight`), {
        bias: parameters.weight(`${key}${name}.bias`),
        epsilon,
      }),
    rmsNorm: (name, x, epsilon, offset = 0) => {
      const weight = parameters.weight(`${key}${name}.weight`);
      return g.rmsNorm(x, offset === 0 ? weight : g.add(weight, offset), epsilon);
    },
  };
}
