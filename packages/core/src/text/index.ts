export * from './diagnostic.js';
export * from './near-duplicates.js';
export * from './span.js';
