import type { Catalog } from '@vflair/core/contract';
import type { Diagnostic, Source } from '@vflair/core/text';
import type { CstNode, IToken } from 'chevrotain';
import type { FileNode, PipelineNode } from './ast/ast.js';
import { checks } from './checks/index.js';
import { error } from './diagnose.js';
import {
  type FileAccess,
  type LinkedPipeline,
  linkPipeline,
  loadProgram,
  noFiles,
  type Program,
  Scope,
} from './link/index.js';
import type { Meaning } from './meaning/meaning.js';
import { readPipeline } from './meaning/read.js';
import { parse } from './syntax/index.js';
import { suggest } from './words.js';

/** What a text is checked with. */
export interface CheckInput {
  readonly source: Source;
  /** All that is installed. */
  readonly catalog: Catalog;
  readonly files?: FileAccess;
  /** Values that override a `let`, as they stand on the command line. */
  readonly set?: ReadonlyMap<string, string>;
  /** Names of the pipelines that are wanted; all of the file when absent. */
  readonly only?: readonly string[];
}

/** Every stage of a text up to what it means. Later stages are absent where an earlier one has errors. */
export interface Checked {
  /** As lexed: line ends among them, comments and white space not. */
  readonly tokens: readonly IToken[];
  readonly cst: CstNode;
  readonly ast: FileNode;
  /** What the pipelines of the file mean; there if nothing is wrong. */
  readonly pipelines?: readonly Meaning[];
  /** By file and place. */
  readonly diagnostics: readonly Diagnostic[];
}

/** VF301: a text without a pipeline. */
const noPipeline = (ast: FileNode): Diagnostic =>
  error('VF301', { ...ast.span, end: ast.span.start }, 'there is no pipeline in this file', {
    hint: 'write `pipeline NAME { … }`',
  });

/** VF209: a pipeline asked for that is not in the file. */
const noSuchPipeline = (name: string, known: readonly string[]): Diagnostic => ({
  code: 'VF209',
  severity: 'error',
  message: `there is no pipeline \`${name}\` in this file`,
  hint: suggest(name, known, 'write `pipeline NAME { … }`'),
});

interface Read {
  readonly meaning: Meaning;
  readonly findings: readonly Diagnostic[];
}

// A pipeline whose first line can't be read may extend anything.
const headless = (linked: LinkedPipeline): LinkedPipeline => ({
  ...linked,
  isComplete: false,
  hasBase: false,
});

function readOne(node: PipelineNode, scope: Scope): Read {
  const { linked: whole, findings } = linkPipeline(node, scope.program);
  const linked = scope.isWhole({ ...node.span, end: node.span.start }) ? whole : headless(whole);
  const meaning = readPipeline(linked, scope);
  const found = checks.flatMap((check) => [...check(meaning)]);
  return { meaning, findings: [...findings, ...found.map((one) => explain(one, node))] };
}

// A finding in what was taken over says for which pipeline it holds.
function explain(finding: Diagnostic, { name, base, span }: PipelineNode): Diagnostic {
  const { at, source } = finding;
  if (at === undefined || name === undefined || base === undefined) return finding;
  if (source === span.source && at.start >= span.start && at.end <= span.end) return finding;
  const message = `in pipeline \`${name.text}\`, which extends \`${base.text}\``;
  const place = { at: { start: name.span.start, end: name.span.end }, source: name.span.source };
  return { ...finding, related: [...(finding.related ?? []), { ...place, message }] };
}

const keyOf = ({ code, at, source, message }: Diagnostic): string =>
  `${source?.name} ${at?.start} ${at?.end} ${code} ${message}`;

/** By file (the compiled one first) and place; what two pipelines share is said once. */
function inOrder(all: readonly Diagnostic[], program: Program): readonly Diagnostic[] {
  const files = program.files.map(({ span }) => span.source);
  const once = new Map<string, Diagnostic>();
  for (const one of all) if (!once.has(keyOf(one))) once.set(keyOf(one), one);
  const fileOf = ({ source }: Diagnostic): number =>
    source === undefined ? -1 : (files.indexOf(source) + files.length + 1) % (files.length + 1);
  return [...once.values()].sort(
    (a, b) => fileOf(a) - fileOf(b) || (a.at?.start ?? 0) - (b.at?.start ?? 0),
  );
}

const isError = ({ severity }: Diagnostic): boolean => severity === 'error';

function readAll(ast: FileNode, scope: Scope, only: readonly string[] | undefined) {
  const own = ast.items.filter((item): item is PipelineNode => item.kind === 'pipeline');
  const read = own.map((node) => readOne(node, scope));
  const names = own.flatMap(({ name }) => (name === undefined ? [] : [name.text]));
  const missing = (only ?? []).filter((name) => !names.includes(name));
  const chosen = read.filter(({ meaning }) => only?.includes(meaning.pipeline.name) ?? true);
  const findings = [
    ...read.flatMap((each) => each.findings),
    ...missing.map((name) => noSuchPipeline(name, names)),
    ...(own.length === 0 && ast.holes.length === 0 ? [noPipeline(ast)] : []),
  ];
  return { meanings: chosen.map(({ meaning }) => meaning), findings };
}

/**
 * Text → tokens, syntax trees and meaning, as far as they go, and all findings. Never throws for a mistake in the
 * text; a thrown `Bug` is a defect of ours.
 */
export function checkText({
  source,
  catalog,
  files = noFiles,
  set = new Map(),
  only,
}: CheckInput): Checked {
  const parsed = parse(source);
  const program = loadProgram(parsed.ast, files);
  const scope = new Scope(program, catalog, files, set);
  const { meanings, findings } = readAll(parsed.ast, scope, only);
  // On a line that could not be read, what else is odd is its consequence.
  const all = [...program.findings, ...scope.findings(), ...findings];
  const kept = all.filter((one) => isReadable(one, scope));
  const diagnostics = inOrder([...parsed.findings, ...program.textFindings, ...kept], program);
  const { tokens, cst, ast } = parsed;
  if (diagnostics.some(isError)) return { tokens, cst, ast, diagnostics };
  return { tokens, cst, ast, pipelines: meanings, diagnostics };
}

const isReadable = ({ at, source }: Diagnostic, scope: Scope): boolean =>
  at === undefined ||
  source === undefined ||
  scope.isWhole({ start: at.start, end: at.start, source });
