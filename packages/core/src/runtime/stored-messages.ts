import { readFile } from 'node:fs/promises';
import type { SeenMessage } from '../contract/index.js';
import type { StoredMessage } from '../run/index.js';
import { floatTensor, intTensor, sizeOf } from '../tensor/index.js';
import { finding } from '../text/index.js';

/** Stored messages as an adversary sees them: the shown rows, in order, with their lengths as a mask. Throws VF573 for a short file. */
export function readMessages(stored: readonly StoredMessage[]): Promise<SeenMessage[]> {
  return Promise.all(stored.map(readMessage));
}

async function readMessage({
  phase,
  step,
  request,
  file,
  shape,
  rows,
  lengths,
}: StoredMessage): Promise<SeenMessage> {
  const bytes = await readFile(file);
  const [batch = 0, ...rest] = shape;
  const width = sizeOf(rest);
  if (bytes.length !== 4 * batch * width) {
    throw finding(
      'VF573',
      `transcript file \`${file}\` holds ${bytes.length} bytes, not ${4 * batch * width}`,
      'run the plan again with `--again`',
    );
  }
  const all = new Float32Array(
    bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
  );
  const data = new Float32Array(rows.length * width);
  const positions = rest.length > 1 ? (rest[0] ?? 1) : 1;
  for (const [i, row] of rows.entries()) {
    // Prompts are padded on the left, so that answers begin in one column; an adversary is given all rows alike.
    const left = phase === 'generate' ? positions - Math.min(positions, lengths[i] ?? 0) : 0;
    const from = row * width + (left * width) / positions;
    data.set(all.subarray(from, (row + 1) * width), i * width);
  }
  const mask = rows.flatMap((_, i) =>
    Array.from({ length: positions }, (_, s) => (s < (lengths[i] ?? 0) ? 1 : 0)),
  );
  return {
    phase,
    step,
    ...(request === undefined ? {} : { request }),
    tensor: floatTensor([rows.length, ...rest], data),
    mask: intTensor([rows.length, positions], mask),
  };
}
