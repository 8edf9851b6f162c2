export * from './canonical.js';
export * from './code-frame.js';
export * from './diagnostic.js';
export * from './near-duplicates.js';
export * from './span.js';
