import type { IParserErrorMessageProvider, IToken } from 'chevrotain';
import { tokenLabel } from './chevrotain.js';
import { End, FieldEnd, RBlock, RFields } from './tokens.js';

/** What a token is called in a message. */
export function nameOf(token: IToken): string {
  const { tokenType } = token;
  if (tokenType.name === 'EOF') return 'the end of the file';
  if (tokenType === FieldEnd || (tokenType.CATEGORIES ?? []).includes(End)) {
    return token.image === ';' ? '`;`' : 'the end of the line';
  }
  if (tokenType === RBlock || token.image === '') return '`}`';
  return `\`${token.image}\``;
}

const expected = (what: string, actual: IToken | undefined): string =>
  `${what}${separator}${actual === undefined ? 'nothing' : nameOf(actual)}`;

const separator = '\u0000';

/** The two halves of a message made below: what was expected, and what stands there. */
export function halves(message: string): readonly [expected: string, found: string] {
  const [what = '', found = ''] = message.split(separator);
  return [what, found];
}

/** Says what was expected and what was found; the finding is put together in parse.ts. */
export const errorMessages: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected: type, actual, ruleName }) =>
    expected(
      type === RFields && ruleName === 'fields' ? 'a field or `}`' : tokenLabel(type),
      actual,
    ),
  buildNotAllInputParsedMessage: ({ firstRedundant }) =>
    expected('the end of the file', firstRedundant),
  buildNoViableAltMessage: ({ customUserDescription, actual }) =>
    expected(customUserDescription ?? 'something else', actual[0]),
  buildEarlyExitMessage: ({ customUserDescription, actual }) =>
    expected(customUserDescription ?? 'a name', actual[0]),
};

/** How each statement is written, by the rule that reads it. */
export const shapes: { readonly [rule: string]: string } = {
  letItem: '`let NAME = VALUE`',
  importItem: '`import "./FILE.vflair"`',
  useItem: '`use "PACKAGE" as NAME`',
  pipeline: '`pipeline NAME { … }`',
  seed: '`seed NUMBER`',
  subject: '`model "NAME"` or `data "NAME" { … }`',
  task: '`task NAME { … }` or `finetune NAME { … }`',
  party: '`party NAME on DEVICE { … }`',
  device: '`on DEVICE:NUMBER`',
  slice: '`slice NAME = PLACE .. PLACE`',
  grant: '`holds NAME, NAME`, `knows NAME, NAME` or `sees NAME, NAME`',
  adversary: '`adversary NAME at PARTY { … }`',
  auxiliary: '`auxiliary "ROWS" { rows NUMBER }`',
  defend: '`defend SLICE -> SLICE with DEFENSE { … }`',
  attack: '`attack ADVERSARY with ATTACK { … } on test { samples NUMBER }`',
  measure: '`measure NAME, NAME { … }`',
  axis: '`sweep PLUGIN.FIELD in [VALUE, VALUE]`',
  condition: '`where PLUGIN.FIELD < VALUE`',
  fields: '`{ NAME VALUE, NAME VALUE }`',
  field: '`NAME VALUE`, without a sign between them',
  list: '`[VALUE, VALUE]`',
};
