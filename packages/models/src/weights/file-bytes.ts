import { readSync } from 'node:fs';
import { finding } from '@vflair/core/text';

/** A stretch of a file. */
export interface Stretch {
  readonly file: string;
  readonly offset: number;
  readonly length: number;
}

/** Bytes asked for at once. */
const CHUNK = 2 ** 26;

/** The bytes of a stretch, in `into` if given (of that length); VF511 where the file ends before it. */
export function readBytes(
  descriptor: number,
  { file, offset, length }: Stretch,
  into: Uint8Array = new Uint8Array(length),
): Uint8Array {
  let done = 0;
  while (done < length) {
    const count = readSync(descriptor, into, done, Math.min(CHUNK, length - done), offset + done);
    if (count === 0) {
      throw finding(
        'VF511',
        `\`${file}\` ends at byte ${offset + done}, but bytes up to ${offset + length} are needed`,
        'fetch or write the file again',
      );
    }
    done += count;
  }
  return into;
}
