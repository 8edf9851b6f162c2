import * as constant from './constant.js';
import * as elementwise from './elementwise.js';
import * as indexing from './index-ops.js';
import * as linear from './linear.js';
import * as quantised from './quantised.js';
import * as reduce from './reduce.js';
import * as shape from './shape.js';

/** Every operator of the graph language, by the name it is called on a {@link Graph}. */
export const ops = {
  ...constant,
  ...elementwise,
  ...indexing,
  ...linear,
  ...quantised,
  ...reduce,
  ...shape,
};
