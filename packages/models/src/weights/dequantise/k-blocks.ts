import { type Dequantise, halfAt } from './round-blocks.js';

// A K-quant is a block of 256 numbers in groups of 16 or 32, each group with a small scale (and offset) of its own that
// the block's d (and dmin) multiply:  x = d·s·q − dmin·m.  Products are rounded to binary32 one by one, as ggml does.

/** What a block tells about number i: its quantum, and the scale and offset of its group. */
interface KLayout {
  readonly bytes: number;
  /** Where d lies; dmin follows where there are offsets. */
  readonly scale: number;
  readonly hasOffsets: boolean;
  /** Numbers per group. */
  readonly group: number;
  readonly quantum: (bytes: Uint8Array, start: number, i: number) => number;
  readonly scaleOf: (bytes: Uint8Array, start: number, group: number) => number;
  readonly offsetOf?: (bytes: Uint8Array, start: number, group: number) => number;
}

function kBlocks(layout: KLayout): Dequantise {
  const { group, offsetOf } = layout;
  return (bytes, half, into) => {
    for (let first = 0; first < into.length; first += 256) {
      const start = (first / 256) * layout.bytes;
      const d = halfAt(bytes, half, start + layout.scale);
      const dmin = layout.hasOffsets ? halfAt(bytes, half, start + layout.scale + 2) : 0;
      for (let i = 0; i < 256; i += group) {
        const own = i / group;
        const scale = Math.fround(d * layout.scaleOf(bytes, start, own));
        const offset = offsetOf ? Math.fround(dmin * offsetOf(bytes, start, own)) : 0;
        for (let k = i; k < i + group; k++)
          into[first + k] = Math.fround(scale * layout.quantum(bytes, start, k)) - offset;
      }
    }
  };
}

const byteAt = (bytes: Uint8Array, place: number): number => bytes[place] ?? 0;

// Two bits of number i: each half of the block has 32 bytes, and each byte holds four numbers 32 apart.
function pairOfBits(bytes: Uint8Array, start: number, i: number): number {
  const byte = byteAt(bytes, start + 32 * (i >> 7) + (i & 31));
  return (byte >> (2 * ((i >> 5) & 3))) & 3;
}

// Four bits of number i: each 64 numbers have 32 bytes, low nibbles first.
function nibble(bytes: Uint8Array, start: number, i: number): number {
  const byte = byteAt(bytes, start + 32 * (i >> 6) + (i & 31));
  return (i & 32) === 0 ? byte & 15 : byte >> 4;
}

/** 2 bits, 16 groups; a group's scale and offset are the nibbles of one byte. */
export const q2k: Dequantise = kBlocks({
  bytes: 84,
  scale: 80,
  hasOffsets: true,
  group: 16,
  quantum: (bytes, start, i) => pairOfBits(bytes, start + 16, i),
  scaleOf: (bytes, start, group) => byteAt(bytes, start + group) & 15,
  offsetOf: (bytes, start, group) => byteAt(bytes, start + group) >> 4,
});

/** 3 bits, 16 groups: two bits as above and a third that is 4 less where it is not set; scales of 6 bits around 32. */
export const q3k: Dequantise = kBlocks({
  bytes: 110,
  scale: 108,
  hasOffsets: false,
  group: 16,
  quantum: (bytes, start, i) => {
    const top = (byteAt(bytes, start + (i & 31)) >> (i >> 5)) & 1;
    return pairOfBits(bytes, start + 32, i) - (top === 1 ? 0 : 4);
  },
  // The low four bits of 16 scales are the nibbles of eight bytes; the top two share four more.
  scaleOf: (bytes, start, group) => {
    const byte = byteAt(bytes, start + 96 + (group & 7));
    const low = group < 8 ? byte & 15 : byte >> 4;
    const high = (byteAt(bytes, start + 104 + (group & 3)) >> (2 * (group >> 2))) & 3;
    return (low | (high << 4)) - 32;
  },
});

// Eight scales and eight offsets of 6 bits in 12 bytes: the first four of each are the low bits of their own byte; the
// last four are the nibbles of one byte, with their top bits above those of the first four.
function sixBitScale(bytes: Uint8Array, start: number, group: number): number {
  if (group < 4) return byteAt(bytes, start + group) & 63;
  return (byteAt(bytes, start + group + 4) & 15) | ((byteAt(bytes, start + group - 4) >> 6) << 4);
}

function sixBitOffset(bytes: Uint8Array, start: number, group: number): number {
  if (group < 4) return byteAt(bytes, start + group + 4) & 63;
  return (byteAt(bytes, start + group + 4) >> 4) | ((byteAt(bytes, start + group) >> 6) << 4);
}

/** 4 bits, 8 groups with scales and offsets of 6 bits. */
export const q4k: Dequantise = kBlocks({
  bytes: 144,
  scale: 0,
  hasOffsets: true,
  group: 32,
  quantum: (bytes, start, i) => nibble(bytes, start + 16, i),
  scaleOf: (bytes, start, group) => sixBitScale(bytes, start + 4, group),
  offsetOf: (bytes, start, group) => sixBitOffset(bytes, start + 4, group),
});

/** 5 bits, 8 groups as above; the fifth bits of numbers 32 apart share a byte. */
export const q5k: Dequantise = kBlocks({
  bytes: 176,
  scale: 0,
  hasOffsets: true,
  group: 32,
  quantum: (bytes, start, i) => {
    const top = (byteAt(bytes, start + 16 + (i & 31)) >> (i >> 5)) & 1;
    return nibble(bytes, start + 48, i) | (top << 4);
  },
  scaleOf: (bytes, start, group) => sixBitScale(bytes, start + 4, group),
  offsetOf: (bytes, start, group) => sixBitOffset(bytes, start + 4, group),
});

/** 6 bits around 32, 16 groups with signed scales: nibbles of 64 bytes per half block, and two bits as in {@link q2k}. */
export const q6k: Dequantise = kBlocks({
  bytes: 210,
  scale: 208,
  hasOffsets: false,
  group: 16,
  quantum: (bytes, start, i) => {
    const byte = byteAt(bytes, start + 64 * (i >> 7) + (i & 63));
    const low = (i & 64) === 0 ? byte & 15 : byte >> 4;
    return (low | (pairOfBits(bytes, start + 128, i) << 4)) - 32;
  },
  scaleOf: (bytes, start, group) => (byteAt(bytes, start + 192 + group) << 24) >> 24,
});
