import { widenHalves } from './float16.js';
import type { StoredType } from './stored-type.js';

/**
 * Bytes of a floating type as float32: F16 and BF16 widen exactly, F64 rounds to nearest; undefined for other types.
 */
export function widenFloats(type: StoredType, bytes: Uint8Array): Float32Array | undefined {
  const aligned = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
  const { buffer, byteOffset, byteLength } = aligned;
  switch (type) {
    case 'F32':
      return new Float32Array(buffer, byteOffset, byteLength / 4);
    case 'F64':
      return Float32Array.from(new Float64Array(buffer, byteOffset, byteLength / 8));
    case 'F16':
      return widenHalves(new Uint16Array(buffer, byteOffset, byteLength / 2));
    case 'BF16': {
      // bfloat16 is the upper half of a float32.
      const halves = new Uint16Array(buffer, byteOffset, byteLength / 2);
      const bits = new Uint32Array(halves.length);
      for (let i = 0; i < halves.length; i++) bits[i] = (halves[i] ?? 0) << 16;
      return new Float32Array(bits.buffer);
    }
    default:
      return undefined;
  }
}

/** Bytes of an integer type as int64; undefined for other types. */
export function widenIntegers(type: StoredType, bytes: Uint8Array): BigInt64Array | undefined {
  const aligned = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
  const { buffer, byteOffset, byteLength } = aligned;
  switch (type) {
    case 'I64':
      return new BigInt64Array(buffer, byteOffset, byteLength / 8);
    case 'I32':
      return BigInt64Array.from(new Int32Array(buffer, byteOffset, byteLength / 4), BigInt);
    case 'U32':
      return BigInt64Array.from(new Uint32Array(buffer, byteOffset, byteLength / 4), BigInt);
    case 'I16':
      return BigInt64Array.from(new Int16Array(buffer, byteOffset, byteLength / 2), BigInt);
    case 'U16':
      return BigInt64Array.from(new Uint16Array(buffer, byteOffset, byteLength / 2), BigInt);
    case 'I8':
      return BigInt64Array.from(new Int8Array(buffer, byteOffset, byteLength), BigInt);
    case 'U8':
    case 'BOOL':
      return BigInt64Array.from(aligned, BigInt);
    default:
      return undefined;
  }
}

/** Index of the first NaN or infinity, or -1: all exponent bits of a float32 are set. */
export function firstNonFinite(floats: Float32Array): number {
  const bits = new Uint32Array(floats.buffer, floats.byteOffset, floats.length);
  for (let i = 0; i < bits.length; i++) {
    if (((bits[i] ?? 0) & 0x7f800000) === 0x7f800000) return i;
  }
  return -1;
}
