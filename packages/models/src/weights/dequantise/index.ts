import { present } from '@vflair/core/text';
import { widenHalves } from '../float16.js';
import { type GgufType, layoutOf, type QuantisedType } from '../gguf-types.js';
import { widenFloats } from '../widen.js';
import { q2k, q3k, q4k, q5k, q6k } from './k-blocks.js';
import { type Dequantise, q40, q41, q50, q51, q80 } from './round-blocks.js';

const TABLE: { readonly [T in QuantisedType]: Dequantise } = {
  Q4_0: q40,
  Q4_1: q41,
  Q5_0: q50,
  Q5_1: q51,
  Q8_0: q80,
  Q2_K: q2k,
  Q3_K: q3k,
  Q4_K: q4k,
  Q5_K: q5k,
  Q6_K: q6k,
};

/**
 * A reader of whole blocks of a GGUF type as float32, equal to ggml's own up to one rounding; it keeps the table of
 * binary16 numbers once it was needed. Source: the block structures of ggml, `ggml-common.h`.
 */
export function dequantiser(): (type: GgufType, bytes: Uint8Array) => Float32Array {
  let half: Float32Array | undefined;
  return (type, bytes) => {
    if (type === 'F32' || type === 'F16' || type === 'BF16')
      return present(widenFloats(type, bytes), type);
    half ??= widenHalves(Uint16Array.from({ length: 65_536 }, (_, bits) => bits));
    const { elements, bytes: size } = layoutOf(type);
    const into = new Float32Array(Math.floor(bytes.length / size) * elements);
    TABLE[type](bytes, half, into);
    return into;
  };
}
