import type { Diagnostic } from '@vflair/core/text';
import type { SourceSpan } from '../ast/ast.js';
import { error, related } from '../diagnose.js';
import { entryOf, list, suggest } from '../words.js';

const lookalikes: { readonly [char: string]: string } = {
  '“': 'strings stand in straight double quotes: `"…"`',
  '”': 'strings stand in straight double quotes: `"…"`',
  '„': 'strings stand in straight double quotes: `"…"`',
  "'": 'strings stand in double quotes: `"…"`',
  '→': 'an arrow is written `->`',
  '–': 'a minus is written `-`',
  '—': 'a minus is written `-`',
  '…': 'a range is written `..`',
  '|': 'a chain is written `a |> b`',
  '-': 'an arrow is written `->`, a negative number without a space: `-1`',
  '>': 'an arrow is written `->`, a chain `|>`',
  '(': 'fields stand in braces: `{ name value }`',
  _: 'names have letters, digits and inner `-`',
};

/** VF101: a character the language has no use for. */
export const unknownCharacter = (at: SourceSpan, text: string): Diagnostic =>
  error('VF101', at, `unknown character \`${text}\``, {
    hint: entryOf(lookalikes, text.charAt(0)) ?? 'remove it, or put it in a string: `"…"`',
  });

/** VF101: a comment of another language. */
export const foreignComment = (at: SourceSpan, text: string): Diagnostic =>
  error('VF101', at, `unknown character \`${text}\``, { hint: 'a comment begins with `//`' });

/** VF102: a string without its closing quote. */
export const unclosedString = (at: SourceSpan): Diagnostic =>
  error('VF102', at, 'this string is not closed', { hint: 'end it with `"` on the same line' });

/** VF103: digits with something stuck to them, or a number too large to hold. */
export const badNumber = (at: SourceSpan, text: string): Diagnostic =>
  error('VF103', at, `\`${text}\` is not a number`, {
    hint: 'numbers look like `-1`, `2000`, `1.5` or `1e-4` and carry no unit',
  });

/** VF104: a backslash before something it does not escape. */
export const unknownEscape = (at: SourceSpan, text: string): Diagnostic =>
  error('VF104', at, `unknown escape \`${text}\` in a string`, {
    hint: 'use `\\n`, `\\t`, `\\"`, `\\\\` or `\\u{…}`; a backslash itself is `\\\\`',
  });

/** VF105: a brace or bracket that is never closed. */
export const unclosed = (
  at: SourceSpan,
  open: string,
  close: string,
  before: SourceSpan,
): Diagnostic =>
  error('VF105', at, `this \`${open}\` is never closed`, {
    hint: `write \`${close}\` where it ends`,
    related: [related(before, `\`${close}\` expected before here`)],
  });

/** VF105: a block whose opening brace is not there. */
export const missingBrace = (at: SourceSpan): Diagnostic =>
  error('VF105', at, '`{` is missing', { hint: 'write `{` at the end of this line' });

/** VF106: a closing brace or bracket too many. */
export const closesNothing = (at: SourceSpan, close: string): Diagnostic =>
  error('VF106', at, `this \`${close}\` closes nothing`, { hint: 'remove it, or open it earlier' });

/** VF107: an opening brace on a line of its own. */
export const braceOnItsOwnLine = (at: SourceSpan): Diagnostic =>
  error('VF107', at, '`{` begins a line', { hint: 'put `{` at the end of the line before' });

/** VF108: something other than what the grammar asks for. */
export const unexpected = (
  at: SourceSpan,
  expected: string,
  found: string,
  shape?: string,
): Diagnostic =>
  error(
    'VF108',
    at,
    `expected ${expected}, found ${found}`,
    shape === undefined ? {} : { hint: `write ${shape}` },
  );

/** VF108: something after the end of a statement. */
export const excess = (at: SourceSpan, found: string): Diagnostic =>
  error('VF108', at, `expected the end of the line, found ${found}`, {
    hint: 'remove it, or put it on a line of its own',
  });

/** VF109: a line that begins with no word known there. */
export const unknownStatement = (
  at: SourceSpan,
  word: string,
  known: readonly string[],
): Diagnostic =>
  error('VF109', at, `unknown statement \`${word}\``, {
    hint: suggest(word, known, `write ${list(known, 'or')}`),
  });

/** VF109: a known word in the wrong block. */
export const misplacedStatement = (at: SourceSpan, word: string, home: string): Diagnostic =>
  error('VF109', at, `unknown statement \`${word}\` here`, { hint: `\`${word}\` belongs ${home}` });

/** VF110: two fields on one line without a comma between them. */
export const missingComma = (at: SourceSpan, before: string, next: string): Diagnostic =>
  error('VF110', at, `a comma is missing between \`${before}\` and \`${next}\``, {
    hint: 'fields on one line are separated by `,`',
  });

/** VF110: fields separated by something other than one comma. */
export const wrongSeparator = (at: SourceSpan, found: string): Diagnostic =>
  error('VF110', at, `\`${found}\` does not separate fields`, {
    hint: 'fields on one line are separated by one `,`',
  });
