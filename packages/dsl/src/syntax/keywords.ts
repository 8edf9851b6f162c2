import type { TokenType } from 'chevrotain';
import { createToken, Lexer } from './chevrotain.js';

/** Anything a statement may be made of; what follows a statement by mistake is skipped as pieces. */
export const Piece = createToken({ name: 'Piece', label: 'a word or a sign', pattern: Lexer.NA });

/** Any word: a name, or a keyword where a name may stand (keywords are contextual). */
export const Word = createToken({
  name: 'Word',
  label: 'a name',
  pattern: Lexer.NA,
  categories: [Piece],
});

/** A word that is no keyword. */
export const Name = createToken({
  name: 'Name',
  label: 'a name',
  pattern: /[A-Za-z](?:-*[A-Za-z0-9])*/,
  start_chars_hint: [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'],
  line_breaks: false,
  categories: [Word],
});

const keyword = (word: string): TokenType =>
  createToken({
    name: word.charAt(0).toUpperCase() + word.slice(1),
    label: `\`${word}\``,
    pattern: word,
    longer_alt: Name,
    categories: [Word],
  });

const Let = keyword('let');
const Import = keyword('import');
const Use = keyword('use');
const As = keyword('as');
const Pipeline = keyword('pipeline');
const Extends = keyword('extends');
const Seed = keyword('seed');
const Model = keyword('model');
const Data = keyword('data');
const Task = keyword('task');
const Party = keyword('party');
const On = keyword('on');
const Holds = keyword('holds');
const Slice = keyword('slice');
const Embed = keyword('embed');
const Block = keyword('block');
const Output = keyword('output');
const Finetune = keyword('finetune');
const Infer = keyword('infer');
const Defend = keyword('defend');
const With = keyword('with');
const Adversary = keyword('adversary');
const At = keyword('at');
const Knows = keyword('knows');
const Sees = keyword('sees');
const Auxiliary = keyword('auxiliary');
const Attack = keyword('attack');
const None = keyword('none');
const Sweep = keyword('sweep');
const In = keyword('in');
const Log = keyword('log');
const Step = keyword('step');
const Where = keyword('where');
const And = keyword('and');
const Measure = keyword('measure');
const True = keyword('true');
const False = keyword('false');

/** Keywords, by the word itself. */
export const keywords: readonly TokenType[] = [
  Let,
  Import,
  Use,
  As,
  Pipeline,
  Extends,
  Seed,
  Model,
  Data,
  Task,
  Party,
  On,
  Holds,
  Slice,
  Embed,
  Block,
  Output,
  Finetune,
  Infer,
  Defend,
  With,
  Adversary,
  At,
  Knows,
  Sees,
  Auxiliary,
  Attack,
  None,
  Sweep,
  In,
  Log,
  Step,
  Where,
  And,
  Measure,
  True,
  False,
];

export {
  Adversary,
  And,
  As,
  At,
  Attack,
  Auxiliary,
  Block,
  Data,
  Defend,
  Embed,
  Extends,
  False,
  Finetune,
  Holds,
  Import,
  In,
  Infer,
  Knows,
  Let,
  Log,
  Measure,
  Model,
  None,
  On,
  Output,
  Party,
  Pipeline,
  Seed,
  Sees,
  Slice,
  Step,
  Sweep,
  Task,
  True,
  Use,
  Where,
  With,
};
