export type { AdapterConfig } from './adapter-config.js';
export { type LoadedAdapter, readAdapter } from './read-adapter.js';
