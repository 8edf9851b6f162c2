import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Message, MessageKind, Phase } from '../contract/index.js';
import { diskFinding, type RunFolder } from './folder.js';

/** One line of `transcript/index.jsonl`: what crossed, and where its bytes are (if they were kept). */
export interface TranscriptEntry {
  readonly stage: string;
  readonly phase: Phase;
  readonly step: number;
  readonly from: string;
  readonly to: string;
  readonly kind: MessageKind;
  readonly request?: number;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly sha256: string;
  readonly bytes: number;
  /** Relative to the transcript folder; "" when only the digest was kept. */
  readonly file: string;
}

/** Copies what crosses the cuts, after the defense chain: digests always, bytes where the plan asks for them. */
export class Tap {
  readonly #entries: TranscriptEntry[] = [];
  readonly #writes: Promise<void>[] = [];

  constructor(
    readonly stage: string,
    readonly folder: string,
    readonly keeps: (message: Message) => boolean,
  ) {}

  /** Takes note of a message. */
  record(message: Message): void {
    const { data, shape, dtype } = message.tensor;
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const { phase, step, from, to, kind, request } = message;
    const file = this.keeps(message)
      ? path.join(this.stage, `${phase}-${step}-${from}-${to}-${kind}.bin`)
      : '';
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const extra = request === undefined ? {} : { request };
    this.#entries.push({
      stage: this.stage,
      phase,
      step,
      from,
      to,
      kind,
      ...extra,
      shape,
      dtype,
      sha256,
      bytes: bytes.length,
      file,
    });
    if (file === '') return;
    const write = this.#write(file, bytes);
    // Awaited in `finish`: until then nobody listens, and a failure must not end the process.
    write.catch(() => undefined);
    this.#writes.push(write);
  }

  /** All entries in an order that doesn't depend on timing, once every byte is on disk. */
  async finish(): Promise<readonly TranscriptEntry[]> {
    await Promise.all(this.#writes);
    return this.#entries.sort(compareEntries);
  }

  async #write(file: string, bytes: Uint8Array): Promise<void> {
    const target = path.join(this.folder, file);
    try {
      await mkdir(path.dirname(target), { recursive: true });
      await writeFile(target, bytes);
    } catch (error) {
      throw diskFinding(error, target);
    }
  }
}

const phases: readonly Phase[] = ['train', 'test', 'generate'];

/** By code unit, so that no locale has a say. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Orders entries by stage, phase, step, then names. */
export function compareEntries(a: TranscriptEntry, b: TranscriptEntry): number {
  const key = (entry: TranscriptEntry): string => [entry.from, entry.to, entry.kind].join('/');
  return (
    compareText(a.stage, b.stage) ||
    phases.indexOf(a.phase) - phases.indexOf(b.phase) ||
    a.step - b.step ||
    compareText(key(a), key(b))
  );
}

/** SHA-256 over what crossed, whichever part of it was kept: the identity of a transcript. */
export function transcriptDigest(entries: readonly TranscriptEntry[]): string {
  const hash = createHash('sha256');
  for (const { stage, phase, step, from, to, kind, shape, dtype, sha256 } of [...entries].sort(
    compareEntries,
  )) {
    hash.update(`${JSON.stringify([stage, phase, step, from, to, kind, shape, dtype, sha256])}\n`);
  }
  return hash.digest('hex');
}

/** Writes `transcript/index.jsonl`. */
export async function writeIndex(
  folder: RunFolder,
  entries: readonly TranscriptEntry[],
): Promise<void> {
  const lines = [...entries].sort(compareEntries).map((entry) => `${JSON.stringify(entry)}\n`);
  await folder.write(lines.join(''), 'transcript', 'index.jsonl');
}
