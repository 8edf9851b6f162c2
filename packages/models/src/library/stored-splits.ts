import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DataSplits, DatasetDefinition } from '@vflair/core/contract';
import { replaceFile } from '../weights/write-safetensors.js';

/**
 * The splits of an installed dataset. Reading mails and finding near-duplicates takes seconds, so what `load` gives is
 * kept in the cache folder, under a name that changes with the code that made it.
 */
export function storedSplits(dataset: DatasetDefinition, cache: string): DataSplits {
  const file = path.join(cache, `${dataset.id}-${codeDigest()}.json`);
  const known = existsSync(file) ? parse(readFileSync(file, 'utf8')) : undefined;
  if (known) return known;
  const splits = dataset.load();
  mkdirSync(cache, { recursive: true });
  replaceFile(file, [new TextEncoder().encode(JSON.stringify(splits))]);
  return splits;
}

function parse(text: string): DataSplits | undefined {
  try {
    return JSON.parse(text) as DataSplits;
  } catch {
    return undefined;
  }
}

/** Changes whenever a module that reads or splits text does. */
function codeDigest(): string {
  const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
  const hash = createHash('sha256');
  for (const folder of ['datasets', 'text']) {
    for (const name of readdirSync(path.join(root, folder)).sort()) {
      if (/\.(js|ts)$/.test(name) && !name.includes('.test.'))
        hash.update(readFileSync(path.join(root, folder, name)));
    }
  }
  return hash.digest('hex').slice(0, 16);
}
