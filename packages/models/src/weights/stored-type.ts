import { isQuantised, type QuantisedType } from './gguf-types.js';

/** Bytes per element of every element type a safetensors file may name. */
const SIZES = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E5M2: 1,
  F8_E4M3: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  F64: 8,
  I64: 8,
  U64: 8,
} as const;

/** Element type as written in a safetensors header. */
export type StoredType = keyof typeof SIZES;

/** Bytes of one element. */
export function bytesOf(type: StoredType): number {
  return SIZES[type];
}

/** Whether elements of a type are floats that can be read. */
export function isFloating(type: StoredType | QuantisedType): boolean {
  return type === 'F32' || type === 'F16' || type === 'BF16' || type === 'F64' || isQuantised(type);
}

/** Whether a header's `dtype` is one of ours. */
export function isStoredType(name: unknown): name is StoredType {
  return typeof name === 'string' && Object.hasOwn(SIZES, name);
}

/** All types, for messages. */
export function storedTypes(): string[] {
  return Object.keys(SIZES);
}

/** A name as it is shown in messages: a damaged file can name a tensor with megabytes. */
export function shortName(name: string): string {
  return name.length <= 120 ? name : `${name.slice(0, 120)}…`;
}
