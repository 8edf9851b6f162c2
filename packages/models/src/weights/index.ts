export { type Checkpoint, openCheckpoint, wrongType } from './checkpoint.js';
export { floatToHalf, halfToFloat } from './float16.js';
export { type GgufHeader, type GgufTensor, type GgufValue, readGgufHeader } from './gguf-header.js';
export { type MappedTensor, mappedWeights } from './mapped-weights.js';
export { checkModelConfig, readModelConfig } from './model-config.js';
export type { SafetensorsHeader, StoredTensor } from './safetensors-header.js';
export { isFloating, type StoredType } from './stored-type.js';
export { encodeSafetensors, type WriteOptions, writeSafetensors } from './write-safetensors.js';
