import type { ITokenConfig, TokenType } from 'chevrotain';
import { createToken, Lexer } from './chevrotain.js';
import { keywords, Name, Piece, Word } from './keywords.js';

export * from './keywords.js';

/** Ends a statement. */
export const End = createToken({ name: 'End', label: 'the end of the line', pattern: Lexer.NA });
/** Stands between two fields. */
export const Separator = createToken({
  name: 'Separator',
  label: '`,`',
  pattern: Lexer.NA,
  categories: [Piece],
});

const sign = (name: string, pattern: string, categories: TokenType[] = [Piece]): TokenType =>
  createToken({ name, label: `\`${pattern}\``, pattern, categories });
const virtual = (name: string, label: string, categories: TokenType[]): TokenType =>
  createToken({ name, label, pattern: Lexer.NA, categories });

/** A token of more than one spelling: `starts` are all characters it begins with, so that chevrotain need not work them out. */
const spelled = (
  name: string,
  pattern: RegExp,
  starts: string,
  more: Omit<ITokenConfig, 'name' | 'pattern'>,
): TokenType =>
  createToken({ line_breaks: false, ...more, name, pattern, start_chars_hint: [...starts] });
const numeric = '-0123456789';

const StringLiteral = spelled('StringLiteral', /"(?:[^"\\\n\r]|\\[^\n\r])*"/, '"', {
  label: 'a string',
  categories: [Piece],
});
/** Ends before a brace, a comma or the line's end, so that what follows can still be read. */
export const UnclosedString = spelled('UnclosedString', /"(?:[^"\\\n\r{},;]|\\[^\n\r])*/, '"', {
  label: 'a string',
  categories: [StringLiteral],
});
const NumberLiteral = spelled('NumberLiteral', /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/, numeric, {
  label: 'a number',
  categories: [Piece],
});
/** A number with letters stuck to it: `10k`, `8ms`, `0x1f`. */
export const BadNumber = spelled(
  'BadNumber',
  /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![eE][+-]?\d)[A-Za-z_][A-Za-z0-9_]*/,
  numeric,
  { label: 'a number', categories: [NumberLiteral] },
);

const Arrow = sign('Arrow', '->');
const Pipe = sign('Pipe', '|>');
const DotDot = sign('DotDot', '..');
const Dot = sign('Dot', '.');
const Comparison = spelled('Comparison', /[=!<>]=|[<>]/, '=!<>', {
  label: 'a comparison',
  categories: [Piece],
});
const Equals = sign('Equals', '=');
const Colon = sign('Colon', ':');
const LBracket = sign('LBracket', '[');
const RBracket = sign('RBracket', ']');
const Comma = sign('Comma', ',', [Separator]);
const Semicolon = sign('Semicolon', ';', [End]);
/** Braces as the lexer sees them; the line pass turns them into the two kinds below. */
const LBrace = sign('LBrace', '{', []);
const RBrace = sign('RBrace', '}', []);
/** Braces around statements. */
export const LBlock = virtual('LBlock', '`{`', []);
export const RBlock = virtual('RBlock', '`}`', []);
/** Braces around fields. */
export const LFields = virtual('LFields', '`{`', [Piece]);
export const RFields = virtual('RFields', '`}`', [Piece]);
const LineEnd = spelled('LineEnd', /\r\n|\r|\n/, '\r\n', {
  label: 'the end of the line',
  line_breaks: true,
  categories: [End],
});
/** A line end between two fields. */
export const FieldEnd = virtual('FieldEnd', 'the end of the line', [Separator]);

const Space = spelled('Space', /[ \t\u00a0\ufeff]+/, ' \t\u00a0\ufeff', { group: Lexer.SKIPPED });
const Comment = spelled('Comment', /\/\/[^\n\r]*/, '/', { group: 'comments' });
const ForeignComment = spelled('ForeignComment', /\/\*[\s\S]*?\*\/|#[^\n\r]*/, '/#', {
  line_breaks: true,
  group: 'foreign',
});

const lengthOf = ({ PATTERN }: TokenType): number => String(PATTERN).length;

/** What the lexer tries, in this order. */
export const lexed: readonly TokenType[] = [
  Space,
  LineEnd,
  Comment,
  ForeignComment,
  // Longer words first: `at` would otherwise take the beginning of `attack`, and make a name of it.
  ...[...keywords].sort((a, b) => lengthOf(b) - lengthOf(a)),
  Name,
  StringLiteral,
  UnclosedString,
  BadNumber,
  NumberLiteral,
  Arrow,
  Pipe,
  DotDot,
  Dot,
  Comparison,
  Equals,
  Colon,
  LBracket,
  RBracket,
  Comma,
  Semicolon,
  LBrace,
  RBrace,
];

/** All the parser knows. */
export const vocabulary: readonly TokenType[] = [
  Piece,
  Word,
  End,
  Separator,
  ...lexed,
  LBlock,
  RBlock,
  LFields,
  RFields,
  FieldEnd,
];

export {
  Arrow,
  Colon,
  Comma,
  Comparison,
  Dot,
  DotDot,
  Equals,
  LBrace,
  LBracket,
  LineEnd,
  NumberLiteral,
  Pipe,
  RBrace,
  RBracket,
  Semicolon,
  StringLiteral,
};
