export * from './load-catalog.js';
