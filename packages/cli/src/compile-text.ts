import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Plan } from '@vflair/core/contract';
import type { Diagnostic } from '@vflair/core/text';
import { type Compiled, compile, type FileAccess } from '@vflair/dsl';
import { Exit, exitCodes } from './exit.js';
import { installedCatalog } from './installation.js';

/** Files of this machine, as the compiler of the text in `file` may see them. */
export function diskFiles(file: string): FileAccess {
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

/** Compiles a file of this machine; a file that isn't there is a finding, too. */
export function compileFile(
  file: string,
  set: ReadonlyMap<string, string> = new Map(),
): Compiled | { readonly diagnostics: readonly Diagnostic[] } {
  const text = readText(file);
  if (text === undefined) return { diagnostics: [missingFile(file)] };
  return compile({
    source: { name: file, text },
    catalog: installedCatalog(),
    files: diskFiles(file),
    set,
  });
}

/** The Plan of a file, or an Exit with its findings. Warnings are passed to `warn`. */
export function planOfFile(
  file: string,
  set: ReadonlyMap<string, string>,
  warn: (diagnostic: Diagnostic) => void,
): Plan {
  const compiled = compileFile(file, set);
  const errors = compiled.diagnostics.filter(({ severity }) => severity === 'error');
  for (const diagnostic of compiled.diagnostics)
    if (diagnostic.severity === 'warning') warn(diagnostic);
  if (errors.length > 0 || !('plan' in compiled) || !compiled.plan)
    throw new Exit(exitCodes.findings, '', errors);
  return compiled.plan;
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
