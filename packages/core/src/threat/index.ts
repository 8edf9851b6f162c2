export * from './grants.js';
export * from './open-view.js';
