import type { RestoredTensor } from '../weights/gguf-tensors.js';
import { isFloating } from '../weights/stored-type.js';
import { readOnnx } from './read-onnx.js';

/** The float constants of an ONNX file, as a checkpoint has its tensors. Raises VF510–VF515 and VF576–VF577. */
export function onnxTensors(file: string): {
  readonly tensors: ReadonlyMap<string, RestoredTensor>;
  readonly metadata: ReadonlyMap<string, string>;
} {
  const tensors = new Map<string, RestoredTensor>();
  for (const [name, initialiser] of readOnnx(file).initialisers) {
    if ('tensor' in initialiser || !isFloating(initialiser.dtype)) continue;
    tensors.set(name, initialiser);
  }
  return { tensors, metadata: new Map() };
}
