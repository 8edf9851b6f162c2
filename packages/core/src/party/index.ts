export * from './channel.js';
export * from './data-party.js';
export * from './learner.js';
export * from './model-party.js';
export * from './pass.js';
export * from './port.js';
export * from './route.js';
