import type { Diagnostic, Source } from '@vflair/core/text';
import type {
  FileNode,
  ImportNode,
  LetNode,
  Name,
  PipelineNode,
  SourceSpan,
  TopItem,
} from '../ast/ast.js';
import { error, related } from '../diagnose.js';
import { parse } from '../syntax/index.js';
import type { FileAccess } from './files.js';
import { folderOf, joinPath } from './paths.js';

/** A text with everything it imports. */
export interface Program {
  readonly main: FileNode;
  /** The main file and all imported ones, each once. */
  readonly files: readonly FileNode[];
  /** Folder of each file, relative to the main file's. */
  readonly folders: ReadonlyMap<Source, string>;
  readonly lets: ReadonlyMap<string, LetNode>;
  readonly pipelines: ReadonlyMap<string, PipelineNode>;
  /** Mistakes in the imported texts. */
  readonly textFindings: readonly Diagnostic[];
  readonly findings: readonly Diagnostic[];
}

/** VF212: a file that is named but not there. */
export const fileNotFound = (at: SourceSpan, path: string, what = 'file'): Diagnostic =>
  error('VF212', at, `no ${what} \`${path}\``, {
    hint: 'paths that begin with `./` or `../` are relative to the file they are written in',
  });

/** VF213: something that leads back to itself. */
export const goesInCircles = (at: SourceSpan, what: string, path: readonly string[]): Diagnostic =>
  error('VF213', at, `${what} goes in circles: ${path.map((name) => `\`${name}\``).join(' → ')}`, {
    hint: 'take one of them out',
  });

/** VF211: one name for two things. */
export const duplicateName = (what: string, name: Name, first: SourceSpan): Diagnostic =>
  error('VF211', name.span, `${what} \`${name.text}\` is there already`, {
    hint: 'give one of them another name',
    related: [related(first, `first \`${name.text}\` here`)],
  });

/** VF112: a part of the language this version can't run. */
export const notAvailable = (at: SourceSpan, what: string, hint: string): Diagnostic =>
  error('VF112', at, `${what} not available in this version`, { hint });

class Loader {
  readonly #files: FileAccess;
  readonly #loaded = new Map<string, FileNode>();
  readonly #folders = new Map<Source, string>();
  readonly #textFound: Diagnostic[] = [];
  readonly #found: Diagnostic[] = [];

  constructor(files: FileAccess) {
    this.#files = files;
  }

  load(main: FileNode): Program {
    this.#folders.set(main.span.source, '');
    const all: FileNode[] = [main];
    this.#imports(main, [main.span.source.name], all);
    return {
      main,
      files: all,
      folders: this.#folders,
      ...this.#names(all),
      textFindings: this.#textFound,
      findings: this.#found,
    };
  }

  #imports(file: FileNode, trail: readonly string[], all: FileNode[]): void {
    for (const item of file.items) {
      if (item.kind !== 'import' || item.path === undefined) continue;
      const path = joinPath(this.#folders.get(file.span.source) ?? '', item.path.text);
      const name = nameBeside(trail[0] ?? '', path);
      if (trail.includes(name)) {
        this.#found.push(goesInCircles(item.path.span, 'import', [...trail, name]));
      } else if (!this.#loaded.has(path)) {
        this.#import(item, path, [...trail, name], all);
      }
    }
  }

  #import(item: ImportNode, path: string, trail: readonly string[], all: FileNode[]): void {
    const text = this.#files.read(path);
    if (text === undefined) {
      const written = item.path?.text ?? path;
      this.#found.push(fileNotFound(item.path?.span ?? item.span, written));
      return;
    }
    const parsed = parse({ name: trail.at(-1) ?? path, text });
    this.#textFound.push(...parsed.findings);
    this.#loaded.set(path, parsed.ast);
    this.#folders.set(parsed.ast.span.source, folderOf(path));
    all.push(parsed.ast);
    this.#imports(parsed.ast, trail, all);
  }

  #names(all: readonly FileNode[]): Pick<Program, 'lets' | 'pipelines'> {
    const lets = new Map<string, LetNode>();
    const pipelines = new Map<string, PipelineNode>();
    for (const item of all.flatMap(({ items }) => items)) {
      if (item.kind === 'let') this.#declare(lets, item, item.name);
      if (item.kind === 'pipeline') this.#declare(pipelines, item, item.name);
      if (item.kind === 'use') {
        this.#found.push(notAvailable(item.span, 'third-party plugins (`use`) are', 'remove it'));
      }
    }
    return { lets, pipelines };
  }

  #declare<T extends TopItem>(names: Map<string, T>, item: T, name: Name | undefined): void {
    if (name === undefined) return;
    const first = names.get(name.text);
    if (first === undefined) names.set(name.text, item);
    else this.#found.push(duplicateName(item.kind, name, first.span));
  }
}

// How an imported file is called in findings: as the user would write it from where they stand.
function nameBeside(main: string, path: string): string {
  const folder = folderOf(main);
  const name = folder === '' ? path : joinPath(folder, path);
  return name.replace(/^\.\//, '');
}

/** The main file with all it imports, and the names they declare. VF112, VF211, VF212, VF213. */
export function loadProgram(main: FileNode, files: FileAccess): Program {
  return new Loader(files).load(main);
}
