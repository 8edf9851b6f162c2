import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { DataPlan } from '@vflair/core/contract';
import type { RunRow } from './rows.js';

/** SHA-256 by name of a file. */
export type FileDigests = { readonly [file: string]: string };

/** SHA-256 of the data files a plan names, by the names it uses. */
export function dataDigests({ kind, ref, testFile }: DataPlan, base: string): FileDigests {
  const files = kind === 'file' ? [ref, ...(testFile === null ? [] : [testFile])] : [];
  return Object.fromEntries(files.map((file) => [file, sha256(path.resolve(base, file))]));
}

const sha256 = (file: string): string =>
  createHash('sha256').update(readFileSync(file)).digest('hex');

/** Digests of what makes a model: weights, configuration and tokenizer of its folder, or its one file. */
export function folderDigests(folder: string): FileDigests {
  if (folder.endsWith('.gguf')) return { [path.basename(folder)]: sha256(folder) };
  const names = readdirSync(folder).filter((name) =>
    /\.(safetensors|gguf|onnx|onnx_data|json|jinja|txt|model)$/.test(name),
  );
  return Object.fromEntries(names.sort().map((name) => [name, sha256(path.join(folder, name))]));
}

/** Digest of drawn rows: identity, tokens and label of each, in order. */
export function rowsDigest(rows: readonly RunRow[]): string {
  const hash = createHash('sha256');
  for (const { id, ids, label } of rows) hash.update(`${id}\t${ids.join(' ')}\t${label}\n`);
  return hash.digest('hex');
}
