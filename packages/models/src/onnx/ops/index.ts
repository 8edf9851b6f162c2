import type { Operator } from '../call.js';
import { elementwise } from './elementwise.js';
import { indexing } from './indexing.js';
import { linear } from './linear.js';
import { reduce } from './reduce.js';
import { shape } from './shape.js';

/** What each ONNX operator is in our graph; those of the runtime's own domain have names of their own. */
export const operators: ReadonlyMap<string, Operator> = new Map(
  Object.entries({ ...elementwise, ...linear, ...reduce, ...shape, ...indexing }),
);
