export * from '../adapters/index.js';
export { trace } from './trace.js';
export type { TraceOptions } from './trace-options.js';
