export * from './build.js';
export * from './encode.js';
export * from './graph.js';
export * from './ops/elementwise.js';
export { ops } from './ops/index.js';
export type { Product } from './ops/linear.js';
export type { PackedMatrix } from './ops/quantised.js';
export { flattenedDim } from './ops/shape.js';
export * from './shapes.js';
