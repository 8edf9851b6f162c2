import { closeSync } from 'node:fs';
import type { Tensor } from '@vflair/core/tensor';
import { present } from '@vflair/core/text';
import { readBytes } from '../weights/file-bytes.js';
import { openFile } from '../weights/safetensors-header.js';
import type { Initialiser } from './foreign-model.js';
import { tensorOf } from './read-initialiser.js';

/** The numbers of a constant, read from its file. */
export function constantTensor(initialiser: Initialiser): Tensor {
  if ('tensor' in initialiser) return initialiser.tensor;
  const { dtype, shape, file, length } = initialiser;
  if (length === 0) return present(tensorOf(dtype, shape, new Uint8Array(0)), dtype);
  const descriptor = openFile(file);
  try {
    return present(tensorOf(dtype, shape, readBytes(descriptor, initialiser)), dtype);
  } finally {
    closeSync(descriptor);
  }
}
