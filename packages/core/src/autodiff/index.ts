export * from './gradients.js';
export * from './partition.js';
export * from './rule.js';
export * from './unbroadcast.js';
