export { readFacts } from './facts.js';
export { findOnnx, onnxFolder } from './find-onnx.js';
export { readOnnxSpec } from './onnx-spec.js';
export { onnxTensors } from './onnx-tensors.js';
