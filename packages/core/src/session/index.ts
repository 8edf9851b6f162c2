export * from './bindings.js';
export * from './compile.js';
export * from './devices.js';
export * from './knowledge.js';
export * from './loss.js';
export * from './onnx.js';
export * from './slice.js';
export * from './slice-graph.js';
