import { type DType, floatTensor, intTensor } from '../../tensor/index.js';
import { Bug } from '../../text/index.js';
import type { GraphCore, Value } from '../graph.js';

/** A scalar constant. */
export function scalar(g: GraphCore, value: number, dtype: DType = 'float32'): Value {
  if (dtype === 'float32') return g.constant(floatTensor([], Float32Array.of(value)));
  if (dtype === 'int64') return g.constant(intTensor([], [value]));
  throw new Bug('VF915', `no scalar constants of type ${dtype}`);
}

/** A vector of integers, for axes and shapes. */
export function ints(g: GraphCore, values: readonly number[]): Value {
  return g.constant(intTensor([values.length], values));
}
