import {
  isNode,
  isTest,
  placeOf,
  type SourceFile,
  type SyntaxNode,
  statementsOf,
} from './source-tree.js';

/** A rule of writing: the places of a file that break it, with the reason. */
type Rule = (file: SourceFile) => readonly string[];

/** Places a pattern matches, with what to do about it. */
function matches(file: SourceFile, pattern: RegExp, advice: string): readonly string[] {
  return [...file.text.matchAll(pattern)].map(
    (match) => `${placeOf(file, match.index)} \`${match[0].trim()}\`: ${advice}`,
  );
}

function declaredName(node: unknown): string {
  if (!isNode(node)) return 'default';
  const first: unknown = Array.isArray(node.declarations) ? node.declarations[0] : node;
  return isNode(first) && isNode(first.id) ? String(first.id.name) : 'default';
}

/**
 * Every export of a package says what it gives: a `/** … *\/` ends right above it. Of overloads, the first does; one
 * docstring may head a block of one-line constants without a blank line between them (the words of a language).
 */
export const undocumentedExports: Rule = (file) => {
  if (isTest(file)) return [];
  const documented = new Set<string>();
  let blockEnd = -1;
  return statementsOf(file).flatMap((node) => {
    const isDefault = node.type === 'ExportDefaultDeclaration';
    const inner = isNode(node.declaration) ? node.declaration : undefined;
    if (!isDefault && inner === undefined) return [];
    const name = declaredName(inner);
    const isLine = inner?.type === 'VariableDeclaration' && !textOf(file, node).includes('\n');
    const continues = isLine && /^;?\n$/.test(file.text.slice(blockEnd, node.start));
    const above = file.text.slice(0, node.start).trimEnd();
    if (!endsWithDocstring(above) && !documented.has(name) && !continues) {
      return [`${placeOf(file, node.start)} \`${name}\` has no docstring`];
    }
    documented.add(name);
    blockEnd = isLine ? node.end : -1;
    return [];
  });
};

const textOf = ({ text }: SourceFile, { start, end }: SyntaxNode): string => text.slice(start, end);

const endsWithDocstring = (text: string): boolean => /\/\*\*(?:(?!\*\/)[\s\S])*\*\/$/.test(text);

/** Modules hold no state and do nothing when imported; the program's first module is the exception. */
export const liveModules: Rule = (file) => {
  if (isTest(file) || file.path === 'packages/cli/src/main.ts') return [];
  const isLive = (node: SyntaxNode): string | undefined => {
    const inner = isNode(node.declaration) ? node.declaration : node;
    if (inner.type === 'VariableDeclaration' && inner.kind !== 'const') return 'holds state';
    return inner.type === 'ExpressionStatement' ? 'does something when imported' : undefined;
  };
  return statementsOf(file).flatMap((node) => {
    const reason = isLive(node);
    return reason === undefined ? [] : [`${placeOf(file, node.start)} the module ${reason}`];
  });
};

/** What is left to do names an issue: `TODO(#12):`. */
export const namelessTodos: Rule = (file) =>
  matches(file, /\b(?:TODO(?!\(#\d+\):)|FIXME|XXX|HACK)\b.*/g, 'write `TODO(#12): …`, or do it');

/** Nobody else has this folder. */
export const personalPaths: Rule = (file) =>
  matches(
    file,
    /(?<![\w.~)}\]-])\/(?:work|farm|root|home|Users)\/\S*|\b[A-Z]:\\Users\\\S*/g,
    'a path of one machine',
  );

/** The compiler is not silenced; in tests, an expected error is a statement about types. */
export const silencedCompiler: Rule = (file) => [
  ...matches(file, /@ts-(?:nocheck|ignore)\b/g, 'say it in types'),
  ...(isTest(file) ? [] : matches(file, /@ts-expect-error\b/g, 'only in tests')),
];

/** A waiver of the linter says why, in at least three words, on the same line. */
export const wordlessWaivers: Rule = (file) =>
  matches(file, /biome-ignore(?![^\n]*?: +\S+ +\S+ +\S+)[^\n]*/g, 'say why after the colon');
