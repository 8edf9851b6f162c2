import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Diagnostic } from '@vflair/core/text';
import type { CheckInput, FileAccess } from '@vflair/dsl';
import { installedCatalog } from './catalog.js';
import { Exit, exitCodes } from './exit.js';

/** Files of this machine, as the compiler of the text in `file` may see them. */
function diskFiles(file: string): FileAccess {
  const base = path.dirname(path.resolve(file));
  const resolve = (name: string): string => path.resolve(base, name);
  return {
    read: (name) => readText(path.resolve(name)) ?? readText(resolve(name)),
    exists: (name) => {
      const found = statSync(resolve(name), { throwIfNoEntry: false });
      if (!found) return undefined;
      return found.isDirectory() ? 'folder' : 'file';
    },
    modelConfig: (name) => readConfig(path.join(resolve(name), 'config.json')),
    fromCurrentFolder: (name) =>
      path.isAbsolute(name) ? name : relativePath(base, path.resolve(name)),
  };
}

function relativePath(from: string, to: string): string {
  const relative = path.relative(from, to).split(path.sep).join('/');
  return relative.startsWith('.') ? relative : `./${relative}`;
}

/** The text of a file; undefined where there is none. */
export function readText(file: string): string | undefined {
  return existsSync(file) && statSync(file).isFile() ? readFileSync(file, 'utf8') : undefined;
}

/** Writes a text whole or not at all: whoever reads the file meanwhile sees the old one. */
export async function replaceText(file: string, text: string): Promise<void> {
  const { RunFolder } = await import('@vflair/core/run');
  await new RunFolder(path.dirname(file)).write(text, path.basename(file));
}

function readConfig(file: string): ReturnType<FileAccess['modelConfig']> {
  const text = readText(file);
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : 'unreadable';
  } catch {
    return 'unreadable';
  }
}

/** VF506: a file named on the command line isn't there. */
export const missingFile = (file: string): Diagnostic => ({
  code: 'VF506',
  severity: 'error',
  message: `there is no file \`${file}\``,
  hint: 'check the path; it is taken from the current folder',
});

/** The text of a file and all it is checked with; undefined where there is no such file. */
export function textInput(file: string, set: ReadonlyMap<string, string>): CheckInput | undefined {
  const text = readText(file);
  return text === undefined
    ? undefined
    : { source: { name: file, text }, catalog: installedCatalog(), files: diskFiles(file), set };
}

/** `name=value` pairs of `--set`; a pair without `=` is a wrong use of the command. */
export function parseSet(pairs: readonly string[]): Map<string, string> {
  return new Map(
    pairs.map((pair) => {
      const split = pair.indexOf('=');
      if (split <= 0) throw new Exit(exitCodes.usage, `--set wants name=value, not \`${pair}\``);
      return [pair.slice(0, split), pair.slice(split + 1)];
    }),
  );
}
