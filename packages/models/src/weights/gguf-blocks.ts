import { widenHalves } from './float16.js';
import { layoutOf } from './gguf-types.js';
import { BLOCK, type BlockShift, type PackedBlocks, writeQuanta } from './pack-blocks.js';

// GGUF types whose numbers blocks of so many bits keep, and where in a block of bytes its quanta begin.
const SAME = {
  Q4_0: { bits: 4, quanta: 2, shift: 'none' },
  Q4_1: { bits: 4, quanta: 4, shift: 'offsets' },
  Q8_0: { bits: 8, quanta: 2, shift: 'none' },
} as const satisfies {
  readonly [type: string]: { bits: 4 | 8; quanta: number; shift: BlockShift };
};

/** A type whose numbers can be kept. */
export type SameType = keyof typeof SAME;

/** Whether blocks of `bits` bits can keep the numbers of a GGUF type. */
export function isSame(type: string, bits: 4 | 8): type is SameType {
  return Object.entries(SAME).some(([name, own]) => name === type && own.bits === bits);
}

/** What blocks of a type have besides scales. */
export function shiftOf(type: SameType): BlockShift {
  return SAME[type].shift;
}

/**
 * Rows of a GGUF tensor as they are stored, written to `into` from row `first` on: x = d·(q − 8) of Q4_0 and d·q + m =
 * d·(q − 8) + (8·d + m) of Q4_1, whose bytes hold numbers j and j + 16; x = d·q of Q8_0, with q + 128 here.
 */
export function moveRows(
  into: PackedBlocks,
  first: number,
  { type, bytes }: { readonly type: SameType; readonly bytes: Uint8Array },
): void {
  const size = layoutOf(type).bytes;
  const { bits, quanta: from, shift } = SAME[type];
  const count = bytes.length / size;
  const start = first * Math.ceil(into.columns / BLOCK);
  const quanta = new Uint8Array(BLOCK);
  for (let block = 0; block < count; block++) {
    for (let j = 0; j < BLOCK; j++) {
      const byte = bytes[block * size + from + (bits === 4 ? j % 16 : j)] ?? 0;
      if (bits === 8) quanta[j] = byte ^ 128;
      else quanta[j] = j < 16 ? byte & 15 : byte >> 4;
    }
    writeQuanta(into, start + block, quanta);
  }
  const scales = halvesAt(bytes, { size, at: 0 });
  into.scales.set(scales, start);
  if (shift !== 'offsets') return;
  const least = halvesAt(bytes, { size, at: 2 });
  into.offsets.set(
    least.map((m, i) => 8 * (scales[i] ?? 0) + m),
    start,
  );
}

/** The binary16 number at place `at` of each block of `size` bytes. */
function halvesAt(bytes: Uint8Array, { size, at }: { size: number; at: number }): Float32Array {
  const halves = Uint16Array.from({ length: bytes.length / size }, (_, block) => {
    const place = block * size + at;
    return (bytes[place] ?? 0) | ((bytes[place + 1] ?? 0) << 8);
  });
  return widenHalves(halves);
}
