import { widenHalves } from './float16.js';
import { BLOCK, type PackedBlocks, writeQuanta } from './pack-blocks.js';

/** GGUF types whose numbers blocks of so many bits have as they are. */
const SAME = { Q4_0: 4, Q8_0: 8 } as const;

/** A type of {@link SAME}. */
export type SameType = keyof typeof SAME;

/** Whether blocks of `bits` bits can keep the numbers of a GGUF type. */
export function isSame(type: string, bits: 4 | 8): type is SameType {
  return Object.entries(SAME).some(([name, own]) => name === type && own === bits);
}

/**
 * Rows of a GGUF tensor as they are stored, written to `into` from row `first` on: x = d·(q − 8) of Q4_0, whose bytes
 * hold numbers j and j + 16, and x = d·q of Q8_0, with q + 128 here.
 */
export function moveRows(
  into: PackedBlocks,
  first: number,
  { type, bytes }: { readonly type: SameType; readonly bytes: Uint8Array },
): void {
  const size = type === 'Q4_0' ? 18 : 34;
  const count = bytes.length / size;
  const start = first * Math.ceil(into.columns / BLOCK);
  const [halves, quanta] = [new Uint16Array(count), new Uint8Array(BLOCK)];
  for (let block = 0; block < count; block++) {
    const place = block * size;
    halves[block] = (bytes[place] ?? 0) | ((bytes[place + 1] ?? 0) << 8);
    for (let j = 0; j < BLOCK; j++) {
      const byte = bytes[place + 2 + (type === 'Q4_0' ? j % 16 : j)] ?? 0;
      if (type === 'Q8_0') quanta[j] = byte ^ 128;
      else quanta[j] = j < 16 ? byte & 15 : byte >> 4;
    }
    writeQuanta(into, start + block, quanta);
  }
  into.scales.set(widenHalves(halves), start);
}
