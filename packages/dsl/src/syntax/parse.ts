import type { Diagnostic, Source } from '@vflair/core/text';
import type { CstNode, IRecognitionException, IToken } from 'chevrotain';
import type { FileNode, SourceSpan } from '../ast/ast.js';
import { AstBuilder } from '../ast/to-ast.js';
import { lazy } from '../lazy.js';
import * as findings from './findings.js';
import { PipelineParser } from './grammar.js';
import { lex, spanOf } from './lex.js';
import { endLines } from './line-ends.js';
import { halves, nameOf, shapes } from './messages.js';

/** A text as tokens (line ends among them), as concrete syntax tree and as AST, with all findings about its shape. */
export interface Parsed {
  readonly tokens: readonly IToken[];
  readonly cst: CstNode;
  readonly ast: FileNode;
  readonly findings: readonly Diagnostic[];
}

const parser = lazy(() => new PipelineParser());

// What is missing at a line's end is missing right after the last thing on it.
function placeOf(token: IToken, before: readonly IToken[], source: Source): SourceSpan {
  const isVisible = token.image.trim() !== '' && token.tokenType.name !== 'EOF';
  if (isVisible) return spanOf(token, source);
  const isBefore = (other: IToken): boolean =>
    other.image.trim() !== '' && !(other.startOffset >= token.startOffset);
  const previous = before.findLast(isBefore);
  const end = previous === undefined ? 0 : spanOf(previous, source).end;
  return { start: end, end, source };
}

function syntaxError(
  problem: IRecognitionException,
  before: readonly IToken[],
  source: Source,
): Diagnostic {
  const [expected, found] = halves(problem.message);
  const rule = problem.context.ruleStack.findLast((name) => shapes[name] !== undefined);
  const at = placeOf(problem.token, before, source);
  return findings.unexpected(at, expected, found, rule === undefined ? undefined : shapes[rule]);
}

const lineOf = (offset: number, source: Source): number =>
  source.text.lastIndexOf('\n', offset - 1);

/** One mistake a line: what stands after it on the same line may be its consequence. */
function firstOfEachLine(all: readonly Diagnostic[], source: Source): readonly Diagnostic[] {
  const seen = new Set<number>();
  return all.filter(({ at }) => {
    const line = lineOf(at?.start ?? 0, source);
    const isFirst = !seen.has(line);
    seen.add(line);
    return isFirst;
  });
}

/** Text → AST. Never throws for a mistake in the text; findings VF101 to VF110, at most one a line. */
export function parse(source: Source): Parsed {
  const lexed = lex(source);
  const lines = endLines(source, lexed.tokens);
  const grammar = parser();
  grammar.begin(lines.tokens);
  const cst = grammar.file();
  const builder = new AstBuilder(source, lexed.comments);
  const draft = builder.file(cst);
  const excess = grammar.excess.map((token) =>
    findings.excess(spanOf(token, source), nameOf(token)),
  );
  const errors = grammar.errors.map((problem) => syntaxError(problem, lines.tokens, source));
  // Characters and braces come first: what the grammar says of the same line is their consequence.
  const all = [...lexed.findings, ...lines.findings, ...builder.findings, ...errors, ...excess];
  const kept = firstOfEachLine(all, source);
  const holes = kept.map(({ at }) => ({ start: at?.start ?? 0, end: at?.end ?? 0, source }));
  return { tokens: lexed.tokens, cst, ast: { ...draft, holes }, findings: kept };
}
