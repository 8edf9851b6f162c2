export { findFamily } from './find-family.js';
export * from './library/library.js';
export type { Prompts } from './library/prompts.js';
export * from './load-model.js';
export * from './rows/index.js';
export * from './tokenizers/index.js';
export * from './weights/index.js';
