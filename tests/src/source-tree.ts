import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAst } from 'vitest/node';

/** The repository's folder. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

/** A file of the repository: its path from the root with `/`, and its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** A node of the syntax tree: anything with a type and a place. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [member: string]: unknown;
}

/** Folders that hold what was built, installed or produced. */
const produced = new Set(['node_modules', 'dist', 'coverage', 'runs', '.git', '.pretrain', '.nx']);

/** Files under a folder of the repository whose name ends in one of `endings`, sorted by path. */
export function readTree(folder: string, endings: readonly string[]): readonly SourceFile[] {
  const files: SourceFile[] = [];
  const visit = (place: string): void => {
    for (const item of readdirSync(place, { withFileTypes: true })) {
      const file = join(place, item.name);
      if (item.isDirectory() && !produced.has(item.name)) visit(file);
      if (!item.isFile() || !endings.some((ending) => item.name.endsWith(ending))) continue;
      const path = relative(root, file).split(sep).join('/');
      files.push({ path, text: readFileSync(file, 'utf8') });
    }
  };
  visit(join(root, folder));
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** TypeScript sources of all packages, tests among them. */
export function packageSources(): readonly SourceFile[] {
  return readTree('packages', ['.ts']).filter(({ path }) => /^packages\/[^/]+\/src\//.test(path));
}

/** True for tests and what only tests use. */
export function isTest({ path }: { readonly path: string }): boolean {
  return /\.test(\.helper)?\.ts$/.test(path);
}

/** `path:line` of an offset. */
export function placeOf({ path, text }: SourceFile, offset: number): string {
  return `${path}:${text.slice(0, offset).split('\n').length}`;
}

/** Statements of a file, top level only. */
export function statementsOf({ text }: SourceFile): readonly SyntaxNode[] {
  const body: readonly unknown[] = parseAst(text, { lang: 'ts' }).body;
  return body.filter(isNode);
}

/** Every node below these, in order of appearance of their parents. */
export function* descendants(value: unknown): Iterable<SyntaxNode> {
  if (Array.isArray(value)) for (const item of value) yield* descendants(item);
  else if (isNode(value)) {
    yield value;
    yield* descendants(Object.values(value).filter((member) => typeof member === 'object'));
  }
}

/** True for a node of the syntax tree. */
export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}
