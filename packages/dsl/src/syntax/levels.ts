import type { IToken, TokenType } from 'chevrotain';
import { entryOf } from '../words.js';
import { keywords } from './tokens.js';

/** Where a statement stands: in the file, in a pipeline, in a party or in an adversary. */
export type Level = 'file' | 'pipeline' | 'party' | 'adversary';

/** The words a statement may begin with, by level. */
export const levelWords: { readonly [L in Level]: readonly string[] } = {
  file: ['let', 'import', 'use', 'pipeline'],
  pipeline: [
    'seed',
    'model',
    'data',
    'task',
    'party',
    'finetune',
    'infer',
    'defend',
    'adversary',
    'attack',
    'sweep',
    'measure',
  ],
  party: ['holds', 'slice'],
  adversary: ['knows', 'sees', 'auxiliary'],
};

const homes: { readonly [L in Level]: string } = {
  file: 'outside every pipeline',
  pipeline: 'in a `pipeline NAME { … }`',
  party: 'in a `party NAME { … }`',
  adversary: 'in an `adversary NAME at PARTY { … }`',
};

/** Where a statement that begins with this word belongs; undefined for a word that begins none. */
export function homeOf(word: string): string | undefined {
  const levels: readonly Level[] = ['file', 'pipeline', 'party', 'adversary'];
  const level = levels.find((name) => levelWords[name].includes(word));
  return level === undefined ? undefined : homes[level];
}

/** The level inside the block that a statement opens, if it opens one. */
export function opens(level: Level, word: string | undefined): Level | undefined {
  if (level === 'file') return word === 'pipeline' ? 'pipeline' : undefined;
  if (level !== 'pipeline') return undefined;
  return word === 'party' || word === 'adversary' ? word : undefined;
}

/** The token type of a keyword. */
export const keywordType = (word: string): TokenType | undefined =>
  keywords.find((type) => type.PATTERN === word);

const shapes: { readonly [keyword: string]: RegExp } = {
  slice: /^Word =/,
  party: /^Word (?:on Word(?: : number)? )?\{/,
  adversary: /^Word at Word/,
  attack: /^(?:Word with|none$)/,
  defend: /^Word ->/,
  seed: /^number/,
  model: /^string/,
  data: /^string/,
  auxiliary: /^string/,
  task: /^Word \{/,
  finetune: /^Word \{/,
  pipeline: /^Word (?:\{|extends)/,
};

const grants = ['holds', 'knows', 'sees'];
/** What `holds`, `knows` and `sees` are followed by. */
const granted = [
  'data',
  'labels',
  'architecture',
  'tokenizer',
  'embedding',
  'pretrained',
  'exact',
  'defense',
  'activations',
  'gradients',
  'responses',
];

const sketchOf = (token: IToken): string => {
  if (token.tokenType.name.endsWith('String') || token.tokenType.name === 'StringLiteral')
    return 'string';
  if (token.tokenType.name === 'NumberLiteral' || token.tokenType.name === 'BadNumber')
    return 'number';
  if (['with', 'at', 'on', 'extends', 'none'].includes(token.image)) return token.image;
  return /^[A-Za-z]/.test(token.image) ? 'Word' : token.image;
};

/**
 * True if the line that begins with `first` can only be a statement of its own. Then a comma or an arrow left
 * at the end of the line before is the mistake, and the statement is not swallowed by it.
 */
export function beginsStatement(first: IToken, rest: readonly IToken[]): boolean {
  if (grants.includes(first.image)) return granted.includes(rest[0]?.image ?? '');
  const shape = entryOf(shapes, first.image);
  if (shape === undefined) return false;
  const end = rest.findIndex((token) => token.tokenType.name === 'LineEnd');
  const line = end === -1 ? rest : rest.slice(0, end);
  return shape.test(line.map(sketchOf).join(' '));
}
