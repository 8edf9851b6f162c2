import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';

/** A parsed JSON object; throws with the file's name when it is none. */
export function readJson(file: string): { readonly [key: string]: unknown } {
  const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (!isTable(parsed)) throw new Error(`${file} does not hold a JSON object`);
  return parsed;
}

/** The value if it is a string, else `otherwise`. */
export function textOf(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}

/** Number of weights in the `.safetensors` files of a folder: the products of the shapes in their headers, added up. */
export function countParameters(folder: string): number {
  let count = 0;
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.safetensors'))) {
    for (const tensor of Object.values(readHeader(join(folder, name)))) {
      if (!isTable(tensor) || !Array.isArray(tensor.shape)) continue;
      count += tensor.shape.reduce((product: number, size: unknown) => product * Number(size), 1);
    }
  }
  return count;
}

/** A safetensors file begins with the length of its JSON header: 8 bytes, little-endian. */
function readHeader(file: string): { readonly [key: string]: unknown } {
  const handle = openSync(file, 'r');
  try {
    const length = Buffer.alloc(8);
    readSync(handle, length, 0, 8, 0);
    const header = Buffer.alloc(Number(length.readBigUInt64LE()));
    readSync(handle, header, 0, header.length, 8);
    const parsed: unknown = JSON.parse(header.toString('utf8'));
    return isTable(parsed) ? parsed : {};
  } finally {
    closeSync(handle);
  }
}

function isTable(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
