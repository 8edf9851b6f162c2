import { createTokenizer } from '../tokenizers/tokenizer.js';
import type { TokenizerJson } from '../tokenizers/tokenizer-json.js';

/** Text → ids without special tokens, by a tokenizer.json. */
export function encoderOf(json: TokenizerJson): (text: string) => readonly number[] {
  const tokenizer = createTokenizer(json);
  return (text) => tokenizer.encode(text, { addSpecial: false }).ids;
}

/** Number of tokens a tokenizer.json names. */
export function vocabularySize({ model }: TokenizerJson): number {
  const { vocab } = model;
  return typeof vocab === 'object' && vocab !== null ? Object.keys(vocab).length : 0;
}
