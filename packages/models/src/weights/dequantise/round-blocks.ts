/** Turns the blocks in `bytes` into numbers, all of `into`; `half` gives binary16 values by their bits. */
export type Dequantise = (bytes: Uint8Array, half: Float32Array, into: Float32Array) => void;

/** The binary16 number at a place. */
export function halfAt(bytes: Uint8Array, half: Float32Array, place: number): number {
  return half[(bytes[place] ?? 0) | ((bytes[place + 1] ?? 0) << 8)] ?? 0;
}

/** Bytes in a block, and where in it its nibbles, fifth bits and offset lie. */
interface RoundLayout {
  readonly bytes: number;
  readonly nibbles: number;
  readonly fifth?: number;
  readonly offset?: number;
  /** What a quantum counts from where there is no offset. */
  readonly middle: number;
}

// 32 numbers x = d·(q − middle) or d·q + m. The first 16 are the low nibbles, the others the high ones; the fifth bit of
// number j is bit j of a 32-bit word.
function nibbleBlocks({ bytes: size, nibbles, fifth, offset, middle }: RoundLayout): Dequantise {
  return (bytes, half, into) => {
    for (let block = 0; block * 32 < into.length; block++) {
      const start = block * size;
      const scale = halfAt(bytes, half, start);
      const shift = offset === undefined ? 0 : halfAt(bytes, half, start + offset);
      for (let j = 0; j < 32; j++) {
        const byte = bytes[start + nibbles + (j % 16)] ?? 0;
        const low = j < 16 ? byte & 15 : byte >> 4;
        const top = fifth === undefined ? 0 : bitAt(bytes, start + fifth, j) << 4;
        into[block * 32 + j] = Math.fround(scale * ((low | top) - middle)) + shift;
      }
    }
  };
}

function bitAt(bytes: Uint8Array, start: number, bit: number): number {
  return ((bytes[start + (bit >> 3)] ?? 0) >> (bit & 7)) & 1;
}

/** 32 numbers of 4 bits, x = d·(q − 8). */
export const q40: Dequantise = nibbleBlocks({ bytes: 18, nibbles: 2, middle: 8 });
/** 32 numbers of 4 bits, x = d·q + m. */
export const q41: Dequantise = nibbleBlocks({ bytes: 20, nibbles: 4, offset: 2, middle: 0 });
/** 32 numbers of 5 bits, x = d·(q − 16). */
export const q50: Dequantise = nibbleBlocks({ bytes: 22, nibbles: 6, fifth: 2, middle: 16 });
/** 32 numbers of 5 bits, x = d·q + m. */
export const q51: Dequantise = nibbleBlocks({
  bytes: 24,
  nibbles: 8,
  fifth: 4,
  offset: 2,
  middle: 0,
});

/** 32 numbers of 8 bits, x = d·q. */
export const q80: Dequantise = (bytes, half, into) => {
  for (let i = 0; i < into.length; i++) {
    const start = (i >> 5) * 34;
    const quantum = ((bytes[start + 2 + (i & 31)] ?? 0) << 24) >> 24;
    into[i] = halfAt(bytes, half, start) * quantum;
  }
};
