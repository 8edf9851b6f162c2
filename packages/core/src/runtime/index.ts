export * from './failure.js';
export * from './line.js';
export * from './line-pool.js';
export * from './load-catalog.js';
export * from './party-container.js';
export * from './process-host.js';
export * from './serve.js';
export type { AttackResult } from './serve-attack.js';
export * from './worker-host.js';
