import type { Catalog } from '@vflair/core/contract';
import type { Diagnostic, Source } from '@vflair/core/text';
import type { FileNode, LetNode, Name, SourceSpan, Value } from '../ast/ast.js';
import { error } from '../diagnose.js';
import { suggest } from '../words.js';
import type { FileAccess } from './files.js';
import { isPath, joinPath } from './paths.js';
import { goesInCircles, type Program } from './program.js';
import { letOf } from './set.js';

/** A value once its names are resolved. A word is a bare name that is no `let`; a hole is a `let` that can't be read. */
export type Reading =
  | { readonly kind: 'string'; readonly text: string; readonly source: Source }
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'list'; readonly items: readonly { reading: Reading; at: Value }[] }
  | { readonly kind: 'hole' };

const hole: Reading = { kind: 'hole' };

/** VF214: `--set` of a name that no `let` has. */
const unknownSet = (name: string, known: Iterable<string>): Diagnostic => ({
  code: 'VF214',
  severity: 'error',
  message: `\`--set ${name}=…\`: there is no \`let ${name}\``,
  hint: suggest(name, known, `write \`let ${name} = …\` in the file`),
});

/** VF210: a bare word that nothing has. */
export const unknownWord = (at: SourceSpan, word: string, known: Iterable<string>): Diagnostic =>
  error('VF210', at, `no \`let\` is called \`${word}\``, {
    hint: suggest(word, known, `write \`"${word}"\` for a text`),
  });

/** What names mean while one file is compiled, and what its text leaves in doubt. */
export class Scope {
  readonly catalog: Catalog;
  readonly files: FileAccess;
  readonly program: Program;
  readonly #set = new Map<string, LetNode>();
  readonly #setSources = new Set<Source>();
  readonly #holeLines: ReadonlyMap<Source, ReadonlySet<number>>;

  constructor(
    program: Program,
    catalog: Catalog,
    files: FileAccess,
    set: ReadonlyMap<string, string>,
  ) {
    this.program = program;
    this.catalog = catalog;
    this.files = files;
    for (const [name, text] of set) {
      const node = letOf(name, text);
      this.#set.set(name, node);
      this.#setSources.add(node.span.source);
    }
    this.#holeLines = new Map(program.files.map((file) => [file.span.source, holeLines(file)]));
  }

  get lets(): Iterable<string> {
    return this.program.lets.keys();
  }

  /** VF213, VF214: `let`s that go in circles, `--set` of what is not there. */
  *findings(): Iterable<Diagnostic> {
    for (const name of this.#set.keys()) {
      if (!this.program.lets.has(name)) yield unknownSet(name, this.lets);
    }
    const seen = new Set<string>();
    for (const [name, node] of this.program.lets) {
      const trail = seen.has(name) ? undefined : this.#circle(name, node);
      if (trail !== undefined) yield goesInCircles(node.span, '`let`', trail);
      for (const each of trail ?? []) seen.add(each);
    }
  }

  /** What a value means; `own` are words the place knows by itself, and they win over a `let`. */
  read(value: Value, own: readonly string[] = []): Reading {
    return this.#read(value, own, []);
  }

  /** A path as the Plan holds it: as written, or seen from the compiled file's folder if written elsewhere. */
  path(text: string, source: Source): string {
    if (!isPath(text)) return text;
    if (this.#setSources.has(source)) return this.files.fromCurrentFolder(text);
    return joinPath(this.program.folders.get(source) ?? '', text);
  }

  /** True if nothing on the lines from `span`'s first to its last was left out by a mistake in the text. */
  isWhole(span: SourceSpan): boolean {
    const lines = this.#holeLines.get(span.source);
    if (lines === undefined || lines.size === 0) return true;
    const first = lineStart(span.source, span.start);
    return ![...lines].some((line) => line >= first && line <= span.end);
  }

  /** True if `name` stands on a line that could not be read, and so may well be declared there. */
  isDoubtful(name: Name): boolean {
    const lines = this.#holeLines.get(name.span.source) ?? [];
    return [...lines].some((line) => {
      const text = name.span.source.text.slice(line).split('\n', 1)[0] ?? '';
      return text.split(/[^A-Za-z0-9-]+/).includes(name.text);
    });
  }

  #read(value: Value, own: readonly string[], trail: readonly string[]): Reading {
    const { kind } = value;
    if (kind === 'list') {
      const items = value.items.map((at) => ({ at, reading: this.#read(at, own, trail) }));
      return { kind, items };
    }
    if (kind === 'string') return { kind, text: value.text, source: value.span.source };
    if (kind !== 'name') return value;
    if (own.includes(value.text))
      return { kind: 'string', text: value.text, source: value.span.source };
    const node = this.#set.get(value.text) ?? this.program.lets.get(value.text);
    if (node === undefined || !this.program.lets.has(value.text))
      return { kind: 'word', text: value.text };
    if (node.value === undefined || trail.includes(value.text)) return hole;
    return this.#read(node.value, own, [...trail, value.text]);
  }

  #circle(name: string, node: LetNode): readonly string[] | undefined {
    const trail = [name];
    for (let at: LetNode | undefined = node; at?.value?.kind === 'name'; ) {
      const next: string = at.value.text;
      if (trail.includes(next)) return next === name ? [...trail, next] : undefined;
      trail.push(next);
      at = this.program.lets.get(next);
    }
    return undefined;
  }
}

const lineStart = (source: Source, offset: number): number =>
  source.text.lastIndexOf('\n', offset - 1) + 1;

const holeLines = (file: FileNode): ReadonlySet<number> =>
  new Set(file.holes.map(({ start, source }) => lineStart(source, start)));
