import type { Diagnostic } from '@vflair/core/text';
import type * as ast from '../ast/ast.js';
import { error, related } from '../diagnose.js';
import { suggest } from '../words.js';
import { goesInCircles, type Program } from './program.js';

/** A pipeline with all it takes over from others. */
export interface LinkedPipeline {
  readonly name: string;
  readonly node: ast.PipelineNode;
  /** The pipelines it takes over from, nearest first. */
  readonly bases: readonly ast.PipelineNode[];
  readonly statements: readonly ast.Statement[];
  /** False if a line could not be read or a base is missing: then absence claims nothing. */
  readonly isComplete: boolean;
  /** False if a base is missing: then any name may be declared there. */
  readonly hasBase: boolean;
}

/** VF209: a base that is not there. */
const unknownBase = (base: ast.Name, known: Iterable<string>): Diagnostic =>
  error('VF209', base.span, `no pipeline \`${base.text}\` to extend`, {
    hint: suggest(base.text, known, 'write it in this file, or import the file it is in'),
  });

/** VF211: a statement that may stand once stands twice. */
const twice = (again: ast.Statement, first: ast.Statement, what: string): Diagnostic =>
  error('VF211', again.span, `${what} is there already`, {
    hint: 'keep one of them',
    related: [related(first.span, 'first one here')],
  });

/** What a statement replaces in a base; undefined for one that is added. */
function keyOf(statement: ast.Statement): string | undefined {
  switch (statement.kind) {
    case 'party':
    case 'adversary':
      return statement.name && `${statement.kind} \`${statement.name.text}\``;
    case 'defend':
      return (
        statement.from &&
        statement.to &&
        `\`defend ${statement.from.text} -> ${statement.to.text}\``
      );
    case 'finetune':
    case 'infer':
      return '`finetune` or `infer`';
    case 'seed':
    case 'model':
    case 'data':
    case 'task':
    case 'measure':
    case 'sweep':
      return `\`${statement.kind}\``;
    default:
      return undefined;
  }
}

function* checkTwice(statements: readonly ast.Statement[]): Iterable<Diagnostic> {
  const seen = new Map<string, ast.Statement>();
  for (const statement of statements) {
    const key = keyOf(statement);
    if (key === undefined) continue;
    const first = seen.get(key);
    if (first !== undefined) yield twice(statement, first, key);
    else seen.set(key, statement);
  }
}

// Same kind and name replaces, in the place of the replaced one; attacks are added.
function override(base: readonly ast.Statement[], own: readonly ast.Statement[]): ast.Statement[] {
  const dropsAttacks = own.some(({ kind }) => kind === 'no-attack');
  const kept = base.filter(({ kind }) => !(dropsAttacks && kind === 'attack'));
  const merged = [...kept];
  for (const statement of own) {
    const key = keyOf(statement);
    const index = key === undefined ? -1 : merged.findIndex((other) => keyOf(other) === key);
    if (index === -1) merged.push(statement);
    else if (merged[index] !== undefined && kept.includes(merged[index])) merged[index] = statement;
  }
  return merged;
}

const isStray = (statement: ast.Statement): boolean =>
  statement.kind === 'stray' ||
  ((statement.kind === 'party' || statement.kind === 'adversary') &&
    statement.items.some(({ kind }) => kind === 'stray'));

interface Chain {
  /** Nearest first. */
  readonly bases: readonly ast.PipelineNode[];
  readonly finding: Diagnostic | undefined;
  /** False if a base is missing, or the way leads back. */
  readonly isWhole: boolean;
}

function chainOf(node: ast.PipelineNode, { pipelines }: Program): Chain {
  const bases: ast.PipelineNode[] = [];
  for (let at = node; at.base !== undefined; ) {
    const { base } = at;
    const next = pipelines.get(base.text);
    if (next === undefined) {
      const others = [...pipelines.keys()].filter((name) => name !== node.name?.text);
      // A base's own missing base is said there.
      return {
        bases,
        isWhole: false,
        finding: at === node ? unknownBase(base, others) : undefined,
      };
    }
    if (next === node || bases.includes(next)) {
      const ring = [node, ...bases];
      const first = [...pipelines.values()].find((each) => ring.includes(each));
      const names = [...ring, node].map(({ name }) => name?.text ?? '');
      const isSaidHere = next === node && first === node;
      const finding = isSaidHere ? goesInCircles(base.span, '`extends`', names) : undefined;
      return { bases, isWhole: false, finding };
    }
    bases.push(next);
    at = next;
  }
  return { bases, isWhole: true, finding: undefined };
}

/** Links one pipeline to its bases. VF209, VF211, VF213 are returned with it. */
export function linkPipeline(
  node: ast.PipelineNode,
  program: Program,
): { readonly linked: LinkedPipeline; readonly findings: readonly Diagnostic[] } {
  const { bases, finding, isWhole } = chainOf(node, program);
  const inherited = bases.reduceRight<ast.Statement[]>(
    (merged, base) => override(merged, base.statements),
    [],
  );
  const isStrayed = [node, ...bases].some(({ statements }) => statements.some(isStray));
  const linked = {
    name: node.name?.text ?? '',
    node,
    bases,
    statements: override(inherited, node.statements),
    isComplete: isWhole && !isStrayed,
    hasBase: isWhole,
  };
  const twiceSaid = [...checkTwice(node.statements)];
  return { linked, findings: finding === undefined ? twiceSaid : [finding, ...twiceSaid] };
}
