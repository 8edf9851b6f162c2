export * from './rows/index.js';
export * from './tokenizers/index.js';
export * from './weights/index.js';
export * from './library/library.js';
export * from './load-model.js';
