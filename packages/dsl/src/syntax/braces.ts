import type { Diagnostic, Source } from '@vflair/core/text';
import type { IToken, TokenType } from 'chevrotain';
import { createTokenInstance } from './chevrotain.js';
import * as findings from './findings.js';
import { type Level, opens } from './levels.js';
import { spanOf } from './lex.js';
import {
  FieldEnd,
  LBlock,
  LBrace,
  LBracket,
  LFields,
  LineEnd,
  RBlock,
  RBrace,
  RBracket,
  RFields,
  Semicolon,
} from './tokens.js';

/** Something open: statements, fields or a list. */
export interface Frame {
  readonly kind: 'block' | 'fields' | 'list';
  readonly level: Level;
  readonly open: IToken;
  /** Column of the first token of the line it was opened in. */
  readonly indent: number;
  /** The statement it stands in, to go on with after it. */
  readonly first: IToken | undefined;
  readonly count: number;
}

const closers: { readonly [K in Frame['kind']]: TokenType } = {
  block: RBlock,
  fields: RFields,
  list: RBracket,
};

/** After these a line end ends nothing. */
export const nothingBefore: ReadonlySet<TokenType> = new Set([
  LineEnd,
  Semicolon,
  FieldEnd,
  LBlock,
  LFields,
  LBracket,
]);

/** The token under another type. */
export const retype = (token: IToken, type: TokenType): IToken => ({
  ...token,
  tokenType: type,
  tokenTypeIdx: type.tokenTypeIdx ?? token.tokenTypeIdx,
});

const virtual = (type: TokenType, offset: number): IToken =>
  createTokenInstance(type, '', offset, offset - 1, Number.NaN, Number.NaN, Number.NaN, Number.NaN);

/**
 * What is open while walking over the tokens, and which statement we are in. Closers that are missing are put in
 * (VF105), those that close nothing are left out (VF106).
 */
export class BracePass {
  protected readonly source: Source;
  protected readonly input: readonly IToken[];
  protected readonly out: IToken[] = [];
  protected readonly found: Diagnostic[] = [];
  protected first: IToken | undefined;
  protected count = 0;
  readonly #stack: Frame[] = [];
  readonly #byIndent: boolean;
  #indent = 0;

  constructor(source: Source, input: readonly IToken[], byIndent: boolean) {
    this.source = source;
    this.input = input;
    this.#byIndent = byIndent;
  }

  protected get top(): Frame | undefined {
    return this.#stack.at(-1);
  }

  protected get level(): Level {
    return this.top?.level ?? 'file';
  }

  /** The keyword the statement we are in begins with, as meant. */
  protected get keyword(): string | undefined {
    const pattern = this.first?.tokenType.PATTERN;
    return typeof pattern === 'string' ? pattern : undefined;
  }

  protected push(token: IToken): void {
    this.out.push(token);
    this.first ??= token;
    this.count++;
  }

  protected end(token: IToken): void {
    this.out.push(token);
    this.first = undefined;
    this.count = 0;
  }

  protected separate(offset: number): void {
    const last = this.out.at(-1);
    if (last !== undefined && !nothingBefore.has(last.tokenType))
      this.end(virtual(LineEnd, offset));
  }

  protected open(token: IToken, type: TokenType, kind: Frame['kind'], level: Level): void {
    this.push(retype(token, type));
    const { first, count } = this;
    this.#stack.push({ kind, level, open: token, indent: this.#indent, first, count });
    if (kind !== 'block') return;
    this.first = undefined;
    this.count = 0;
  }

  protected openBrace(token: IToken): void {
    if (this.top?.kind === 'list') this.closeUnclosed(token.startOffset);
    const inner = opens(this.level, this.keyword);
    const hasBlock = this.out.at(-1)?.tokenType === RBlock;
    const isAmongStatements = this.top === undefined || this.top.kind === 'block';
    if (isAmongStatements && inner !== undefined && !hasBlock) {
      this.open(token, LBlock, 'block', inner);
    } else {
      this.open(token, LFields, 'fields', this.level);
    }
  }

  /** A block whose opening brace is not there. */
  protected openUnseen(offset: number): void {
    this.openBrace(virtual(LBrace, offset));
  }

  /** True if braces don't pair up, and a line begins deeper than the one we are in. */
  protected isDeeper(following: IToken): boolean {
    const isLower = following.tokenType !== LBrace && following.tokenType !== RBrace;
    return this.#byIndent && isLower && this.#column(following) > this.#indent;
  }

  protected closeBrace(token: IToken, index: number): void {
    if (this.top?.kind === 'list') this.closeUnclosed(token.startOffset);
    const { top } = this;
    if (top === undefined || this.#isSurplus(top, token, index)) {
      this.found.push(findings.closesNothing(spanOf(token, this.source), '}'));
    } else {
      this.#pop(retype(token, closers[top.kind]));
    }
  }

  protected closeBracket(token: IToken): void {
    if (this.top?.kind === 'list') this.#pop(token);
    else this.found.push(findings.closesNothing(spanOf(token, this.source), ']'));
  }

  protected closeUnclosed(offset: number): void {
    const { top } = this;
    if (top === undefined) return;
    const before = { start: offset, end: offset, source: this.source };
    const close = top.kind === 'list' ? ']' : '}';
    const at = spanOf(top.open, this.source);
    this.found.push(findings.unclosed(at, top.open.image, close, before));
    this.#pop(virtual(closers[top.kind], this.#lastOffset()));
  }

  // Only where braces don't pair up: then the indentation says which one is missing or too many.
  protected lineStart(token: IToken): void {
    const column = this.#column(token);
    this.#indent = column;
    if (!this.#byIndent) return;
    const isCloser = token.tokenType === RBrace;
    for (let { top } = this; top !== undefined; top = this.top) {
      const isLeft = isCloser ? top.indent > column : top.indent >= column;
      if (!isLeft) return;
      this.closeUnclosed(token.startOffset);
      if (!isCloser) this.separate(token.startOffset);
    }
  }

  protected isLineStart(index: number): boolean {
    return index === 0 || this.input[index - 1]?.tokenType === LineEnd;
  }

  #column(token: IToken): number {
    return token.startOffset - (this.source.text.lastIndexOf('\n', token.startOffset - 1) + 1);
  }

  #pop(closer: IToken): void {
    const frame = this.#stack.pop();
    this.first = frame?.first;
    this.count = (frame?.count ?? 0) + 1;
    this.out.push(closer);
  }

  #lastOffset(): number {
    const last = this.out.findLast((token) => token.image !== '');
    return last === undefined ? 0 : last.startOffset + last.image.length;
  }

  // A closer deeper than its opener, or with more of the statement or the block after it, is one too many.
  #isSurplus(frame: Frame, token: IToken, index: number): boolean {
    const between = this.source.text.slice(frame.open.startOffset, token.startOffset);
    if (!this.#byIndent || !between.includes('\n')) return false;
    if (this.isLineStart(index) && this.#column(token) > frame.indent) return true;
    const next = this.input.slice(index + 1).find(({ tokenType }) => tokenType !== LineEnd);
    const after = this.input[index + 1]?.tokenType;
    if (after !== undefined && ![LineEnd, RBrace, Semicolon].includes(after)) return true;
    const isInside = next !== undefined && next.tokenType !== RBrace;
    return after === LineEnd && isInside && this.#column(next) > frame.indent;
  }
}
