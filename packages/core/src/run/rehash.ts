import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { RunContext } from './context.js';
import { type TranscriptEntry, transcriptDigest } from './tap.js';

/** The transcript digest from the bytes on disk, where bytes were kept. */
export async function rehash(
  { folder }: Pick<RunContext, 'folder'>,
  entries: readonly TranscriptEntry[],
): Promise<string> {
  const again = await Promise.all(
    entries.map(async (entry) => {
      if (entry.file === '') return entry;
      const bytes = await readFile(folder.path('transcript', entry.file));
      return { ...entry, sha256: createHash('sha256').update(bytes).digest('hex') };
    }),
  );
  return transcriptDigest(again);
}
