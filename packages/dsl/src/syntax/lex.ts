import type { Diagnostic, Source } from '@vflair/core/text';
import type { IToken } from 'chevrotain';
import type { SourceSpan } from '../ast/ast.js';
import { lazy } from '../lazy.js';
import { Lexer } from './chevrotain.js';
import * as findings from './findings.js';
import { decodeString } from './strings.js';
import { BadNumber, lexed, NumberLiteral, StringLiteral, UnclosedString } from './tokens.js';

/** Every character of the text is in a token, in a comment, in white space, or in a finding. */
export interface Lexed {
  readonly tokens: readonly IToken[];
  readonly comments: readonly IToken[];
  readonly findings: readonly Diagnostic[];
}

const lexer = lazy(
  () =>
    new Lexer([...lexed], {
      positionTracking: 'full',
      ensureOptimizations: true,
      skipValidations: true,
    }),
);

/** Where a token stands; a token the line pass put in has no width. */
export const spanOf = (token: IToken, source: Source): SourceSpan => ({
  start: token.startOffset,
  end: token.startOffset + token.image.length,
  source,
});

function* checkToken(token: IToken, source: Source): Iterable<Diagnostic> {
  const span = spanOf(token, source);
  if (token.tokenType === UnclosedString) yield findings.unclosedString(span);
  if (token.tokenType === BadNumber) yield findings.badNumber(span, token.image);
  if (token.tokenType === NumberLiteral && !Number.isFinite(Number(token.image))) {
    yield findings.badNumber(span, token.image);
  }
  if (token.tokenType !== StringLiteral && token.tokenType !== UnclosedString) return;
  for (const { start, end } of decodeString(token.image, token.tokenType === StringLiteral)
    .unknown) {
    const at = { start: span.start + start, end: span.start + end, source };
    yield findings.unknownEscape(at, token.image.slice(start, end));
  }
}

/** Text → tokens (line ends among them) and comments. VF101 to VF104. */
export function lex(source: Source): Lexed {
  const { tokens, errors, groups } = lexer().tokenize(source.text);
  const unknown = errors.map(({ offset, length }) =>
    findings.unknownCharacter(
      { start: offset, end: offset + length, source },
      source.text.slice(offset, offset + length),
    ),
  );
  const foreign = (groups.foreign ?? []).map((token) =>
    findings.foreignComment(spanOf(token, source), token.image.startsWith('#') ? '#' : '/*'),
  );
  const bad = tokens.flatMap((token) => [...checkToken(token, source)]);
  return { tokens, comments: groups.comments ?? [], findings: [...unknown, ...foreign, ...bad] };
}
