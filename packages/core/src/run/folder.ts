import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { finding } from '../text/index.js';

/** A run's folder: whole files or none. Tensors inside JSON are stored as `{"$floats": base64, shape}`. */
export class RunFolder {
  constructor(readonly root: string) {}

  /** A path inside the folder. */
  path(...parts: string[]): string {
    return path.join(this.root, ...parts);
  }

  /** The text of a file, or undefined when it isn't there. */
  async read(...parts: string[]): Promise<string | undefined> {
    try {
      return await readFile(this.path(...parts), 'utf8');
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** Writes a file at once: a reader sees the old text or the new one. Throws VF570 when the disk refuses. */
  async write(text: string | Uint8Array, ...parts: string[]): Promise<void> {
    const target = this.path(...parts);
    const temporary = `${target}.${process.pid}.tmp`;
    try {
      await makeFolder(path.dirname(target));
      const file = await open(temporary, 'w');
      try {
        await file.writeFile(text);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, target);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw diskFinding(error, target);
    }
  }

  /** A value written by {@link save}, or undefined. A file that isn't whole counts as absent. */
  async load<T>(...parts: string[]): Promise<T | undefined> {
    const text = await this.read(...parts);
    if (text === undefined) return undefined;
    try {
      return JSON.parse(text, revive) as T;
    } catch {
      return undefined;
    }
  }

  /** Stores a value of plain data and typed arrays. */
  save(value: unknown, ...parts: string[]): Promise<void> {
    return this.write(JSON.stringify(value, encode), ...parts);
  }

  /** Removes what a killed process left half-written. */
  async sweep(): Promise<void> {
    const names = await readdir(this.root, { recursive: true }).catch(() => []);
    const left = names.filter((name) => /\.\d+\.tmp$/.test(name));
    await Promise.all(left.map((name) => rm(this.path(name), { force: true })));
  }

  /** Adds lines to a file. */
  async append(text: string, ...parts: string[]): Promise<void> {
    await mkdir(path.dirname(this.path(...parts)), { recursive: true });
    await writeFile(this.path(...parts), text, { flag: 'a' });
  }
}

/** Makes a folder and those above it. (`recursive: true` never ends where a parent is there and refuses, as in /proc.) */
export async function makeFolder(folder: string): Promise<void> {
  if (await isFolder(folder)) return;
  if (path.dirname(folder) !== folder) await makeFolder(path.dirname(folder));
  try {
    await mkdir(folder);
  } catch (error) {
    // Another job may have been faster.
    if (!(await isFolder(folder))) throw error;
  }
}

const isFolder = (name: string): Promise<boolean> =>
  stat(name).then(
    (found) => found.isDirectory(),
    () => false,
  );

function encode(_key: string, value: unknown): unknown {
  if (value instanceof Float32Array) {
    return {
      $floats: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64'),
    };
  }
  return value;
}

function revive(_key: string, value: unknown): unknown {
  if (
    typeof value === 'object' &&
    value !== null &&
    '$floats' in value &&
    typeof value.$floats === 'string'
  ) {
    const bytes = Buffer.from(value.$floats, 'base64');
    return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  }
  return value;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

/** VF570 for an error of the file system, anything else as it is. */
export function diskFinding(error: unknown, target: string): unknown {
  if (!(error instanceof Error) || !('syscall' in error)) return error;
  const code = 'code' in error ? String(error.code) : '';
  const reasons: { readonly [code: string]: string } = {
    ENOSPC: 'the disk is full',
    EACCES: 'it may not be written',
    EROFS: 'the disk is read-only',
    EDQUOT: 'the quota is used up',
    ENOTDIR: 'a file stands where a folder should be',
    EEXIST: 'a file stands where a folder should be',
  };
  return finding(
    'VF570',
    `\`${target}\` can't be written: ${reasons[code] ?? error.message}`,
    'make room or choose another folder with `--out`, then run again with `--resume`: what was done is kept',
  );
}
