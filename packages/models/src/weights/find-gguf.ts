import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** GGUF files a path stands for: itself, or those of the folder. */
export function findGguf(path: string): string[] {
  if (path.endsWith('.gguf')) return [path];
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  return readdirSync(path)
    .filter((name) => name.endsWith('.gguf'))
    .map((name) => join(path, name));
}
