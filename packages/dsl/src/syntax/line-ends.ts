import type { Diagnostic, Source } from '@vflair/core/text';
import type { IToken, TokenType } from 'chevrotain';
import { distance, nearest } from '../words.js';
import { BracePass, nothingBefore, retype } from './braces.js';
import * as findings from './findings.js';
import { beginsStatement, homeOf, keywordType, levelWords, opens } from './levels.js';
import { spanOf } from './lex.js';
import {
  Arrow,
  Comma,
  Equals,
  FieldEnd,
  LBrace,
  LBracket,
  LineEnd,
  Pipe,
  RBlock,
  RBrace,
  RBracket,
  Semicolon,
} from './tokens.js';

/** What the parser is given: braces of two kinds, always in pairs, and only those line ends that end something. */
export interface Lines {
  readonly tokens: readonly IToken[];
  readonly findings: readonly Diagnostic[];
}

/** After these a statement goes on in the next line. */
const continuing: ReadonlySet<TokenType> = new Set([Comma, Pipe, Arrow, Equals]);
const listBorders: ReadonlySet<TokenType> = new Set([Comma, LBracket, RBracket]);
/** At most this many edits make a misspelt keyword of a word. */
const farthest = 2;

/** One walk over the tokens. */
class LinePass extends BracePass {
  run(): Lines {
    for (const [index, token] of this.input.entries()) {
      if (token.tokenType === LineEnd) {
        this.#lineEnd(token, index);
        continue;
      }
      if (this.isLineStart(index)) this.lineStart(token);
      this.#endTopItem(token);
      this.#take(token, index);
    }
    while (this.top !== undefined) this.closeUnclosed(this.source.text.length);
    return { tokens: this.out, findings: this.found };
  }

  #take(token: IToken, index: number): void {
    if (token.tokenType === LBrace) this.openBrace(token);
    else if (token.tokenType === RBrace) this.closeBrace(token, index);
    else if (token.tokenType === LBracket) this.open(token, LBracket, 'list', this.level);
    else if (token.tokenType === RBracket) this.closeBracket(token);
    else if (token.tokenType === Semicolon) this.#semicolon(token);
    else this.#word(token);
  }

  #isAmongStatements(): boolean {
    return this.top === undefined || this.top.kind === 'block';
  }

  #semicolon(token: IToken): void {
    if (this.#isAmongStatements()) {
      this.end(token);
      return;
    }
    this.found.push(findings.wrongSeparator(spanOf(token, this.source), ';'));
    this.push(retype(token, Comma));
  }

  #word(token: IToken): void {
    const isFirst = this.first === undefined && this.#isAmongStatements();
    this.push(isFirst ? this.#spellcheck(token) : token);
  }

  // A misspelt first word becomes the keyword it is nearest to, so that the rest of the statement is still read.
  #spellcheck(token: IToken): IToken {
    const known = levelWords[this.level];
    if (known.includes(token.image) || homeOf(token.image) !== undefined) return token;
    const [guess] = nearest(token.image, known);
    if (guess === undefined) return token;
    const type = keywordType(guess);
    const isNear = distance(token.image, guess) <= Math.min(farthest, guess.length - 2);
    if (!isNear || type === undefined) return token;
    this.found.push(findings.unknownStatement(spanOf(token, this.source), token.image, [guess]));
    return retype(token, type);
  }

  // In a file, items need no line end between them.
  #endTopItem(token: IToken): void {
    if (this.top !== undefined || token.tokenType === Semicolon) return;
    const { keyword, count } = this;
    const isComplete =
      (keyword === 'pipeline' && this.out.at(-1)?.tokenType === RBlock) ||
      (keyword === 'let' && count >= 4) ||
      (keyword === 'import' && count >= 2) ||
      (keyword === 'use' && count >= 4);
    if (isComplete) this.separate(token.startOffset);
  }

  #lineEnd(token: IToken, index: number): void {
    let next = index + 1;
    while (this.input[next]?.tokenType === LineEnd) next++;
    const following = this.input[next];
    if (this.top?.kind === 'list') {
      if (this.#isInsideList(following)) return;
      this.closeUnclosed(token.startOffset);
    }
    if (following === undefined || this.#opensUnseen(following) || this.#goesOn(following, next))
      return;
    if (this.top?.kind === 'fields') {
      this.push(retype(token, FieldEnd));
    } else if (following.tokenType === LBrace) {
      this.found.push(findings.braceOnItsOwnLine(spanOf(following, this.source)));
    } else {
      this.end(token);
    }
  }

  // `party client` with deeper lines after it has lost its brace.
  #opensUnseen(following: IToken): boolean {
    const last = this.out.at(-1);
    const isOpener = this.#isAmongStatements() && opens(this.level, this.keyword) !== undefined;
    if (!isOpener || last === undefined || last.tokenType === RBlock || !this.isDeeper(following))
      return false;
    const end = last.startOffset + last.image.length;
    this.found.push(findings.missingBrace({ start: end, end, source: this.source }));
    this.openUnseen(end);
    return true;
  }

  #goesOn(following: IToken, index: number): boolean {
    const last = this.out.at(-1);
    if (last === undefined || nothingBefore.has(last.tokenType)) return true;
    if (following.tokenType === RBrace || following.tokenType === Pipe) return true;
    if (!continuing.has(last.tokenType) && !this.#isChainWith(last)) return false;
    const rest = this.input.slice(index + 1, index + 8);
    return this.top?.kind === 'fields' || !beginsStatement(following, rest);
  }

  // Inside [ ] a line may end anywhere but between two values.
  #isInsideList(following: IToken | undefined): boolean {
    const last = this.out.at(-1);
    if (last !== undefined && listBorders.has(last.tokenType)) return true;
    return following !== undefined && listBorders.has(following.tokenType);
  }

  // `with` is a word like any other but in `attack NAME with` and `defend NAME -> NAME with`.
  #isChainWith(last: IToken): boolean {
    if (last.image !== 'with') return false;
    const { keyword, count } = this;
    return (keyword === 'attack' && count === 3) || (keyword === 'defend' && count === 5);
  }
}

/**
 * Drops line ends that end nothing, tells braces around statements from braces around fields, and pairs them:
 * a missing closer is put in (VF105), one too many is left out (VF106).
 */
export function endLines(source: Source, tokens: readonly IToken[]): Lines {
  const plain = new LinePass(source, tokens, false).run();
  const unpaired = (lines: Lines): number =>
    lines.findings.filter(({ code }) => code === 'VF105' || code === 'VF106').length;
  if (unpaired(plain) === 0) return plain;
  const indented = new LinePass(source, tokens, true).run();
  return unpaired(indented) <= 2 * unpaired(plain) ? indented : plain;
}
