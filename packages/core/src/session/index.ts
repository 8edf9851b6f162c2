export * from './bindings.js';
export * from './onnx.js';
export * from './slice.js';
export * from './slice-graph.js';
