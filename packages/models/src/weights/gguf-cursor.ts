import { finding } from '@vflair/core/text';
import { readBytes } from './file-bytes.js';
import { shortName } from './stored-type.js';

/** Largest header in bytes, and most things it may list: vocabularies of a million tokens stay below. */
const LARGEST_HEADER = 2 ** 26;
const MOST_ITEMS = 2 ** 23;
/** Bytes read ahead. */
const WINDOW = 2 ** 20;
const AGAIN = 'fetch or write the file again';

/** VF512: a header that says something impossible. */
export function unreadable(file: string, why: string): Error {
  return finding('VF512', `header of \`${shortName(file)}\` is not readable: ${why}`, AGAIN);
}

/**
 * Reads a GGUF header from front to back, little-endian, never more than the file holds: VF511 where it ends too early,
 * VF512 where a length or a text is impossible.
 */
export class GgufCursor {
  #position = 0;
  #items = 0;
  #windowStart = 0;
  #window: Uint8Array = new Uint8Array(0);
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

  constructor(
    readonly file: string,
    readonly descriptor: number,
    readonly size: number,
  ) {}

  /** Bytes read so far. */
  get position(): number {
    return this.#position;
  }

  u8(): number {
    return this.#view(1).getUint8(0);
  }

  i8(): number {
    return this.#view(1).getInt8(0);
  }

  u16(): number {
    return this.#view(2).getUint16(0, true);
  }

  i16(): number {
    return this.#view(2).getInt16(0, true);
  }

  u32(): number {
    return this.#view(4).getUint32(0, true);
  }

  i32(): number {
    return this.#view(4).getInt32(0, true);
  }

  f32(): number {
    return this.#view(4).getFloat32(0, true);
  }

  f64(): number {
    return this.#view(8).getFloat64(0, true);
  }

  /** A whole number; one beyond 2⁵³ loses its last digits. */
  i64(): number {
    return Number(this.#view(8).getBigInt64(0, true));
  }

  u64(): number {
    return Number(this.#view(8).getBigUint64(0, true));
  }

  bool(): boolean {
    const byte = this.u8();
    if (byte > 1) throw unreadable(this.file, `a truth value is ${byte}`);
    return byte === 1;
  }

  /** A count of things that take at least `least` bytes each: no more than the rest of the file can hold. */
  count(what: string, least: number): number {
    const count = this.#atMost(what, least);
    this.#items += count;
    if (this.#items <= MOST_ITEMS) return count;
    throw unreadable(this.file, `with ${count} ${what} it lists more than ${MOST_ITEMS} things`);
  }

  text(): string {
    const bytes = this.#take(this.#atMost('bytes of text', 1));
    try {
      return this.#decoder.decode(bytes);
    } catch {
      throw unreadable(this.file, `the text at byte ${this.#position - bytes.length} is not UTF-8`);
    }
  }

  #atMost(what: string, least: number): number {
    const [count, left] = [this.u64(), this.size - this.#position];
    if (count * least <= left) return count;
    throw unreadable(this.file, `it announces ${count} ${what}, and ${left} bytes are left`);
  }

  #view(length: number): DataView {
    const bytes = this.#take(length);
    return new DataView(bytes.buffer, bytes.byteOffset, length);
  }

  #take(length: number): Uint8Array {
    const start = this.#position;
    const end = start + length;
    if (end > this.size)
      throw finding(
        'VF511',
        `\`${this.file}\` ends inside its header, at byte ${this.size}`,
        AGAIN,
      );
    if (end > LARGEST_HEADER)
      throw unreadable(this.file, `it is longer than ${LARGEST_HEADER} bytes`);
    if (start < this.#windowStart || end > this.#windowStart + this.#window.length) {
      const whole = Math.min(Math.max(length, WINDOW), this.size - start);
      const stretch = { file: this.file, offset: start, length: whole };
      this.#window = readBytes(this.descriptor, stretch);
      this.#windowStart = start;
    }
    this.#position = end;
    return this.#window.subarray(start - this.#windowStart, end - this.#windowStart);
  }
}
