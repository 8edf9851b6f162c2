export * from './adamw.js';
export * from './random.js';
export * from './tensor.js';
