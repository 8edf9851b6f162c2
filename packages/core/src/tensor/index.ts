export * from './adamw.js';
export * from './append.js';
export * from './growing-rows.js';
export * from './index-of-largest.js';
export * from './random.js';
export * from './tensor.js';
