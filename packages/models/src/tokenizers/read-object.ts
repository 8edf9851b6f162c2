import { readFileSync } from 'node:fs';
import { finding } from '@vflair/core/text';

/** A JSON file that holds one object; VF526 where it doesn't or can't be read. */
export function readObject(file: string): { readonly [key: string]: unknown } {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw finding('VF526', `\`${file}\` is not readable: ${why}`, 'fetch it again');
  }
  throw finding('VF526', `\`${file}\` is no JSON object`, 'fetch it again');
}
