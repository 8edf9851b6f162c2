import { expect, test } from 'vitest';
import { specialToken, type TokenizerJson } from './tokenizer-json.js';
import { firstWords, splitsAtBlanks } from './words.js';

test('words end where a blank follows what is none', () => {
  const text = ' one  two\n three\u00a0four';
  expect([1, 2, 3].map((count) => firstWords(text, count))).toEqual([' one', ' one  two', text]);
});

const json: TokenizerJson = {
  added_tokens: [specialToken('[SEP]', 0)],
  normalizer: { type: 'Sequence', normalizers: [{ type: 'NFC' }, { type: 'Lowercase' }] },
  pre_tokenizer: { type: 'ByteLevel' },
  post_processor: null,
  decoder: null,
  model: {},
};

test('what may join words is told from what splits them', () => {
  expect(splitsAtBlanks(json)).toBe(true);
  expect(splitsAtBlanks({ ...json, normalizer: null })).toBe(true);
  const joining: Partial<TokenizerJson>[] = [
    { pre_tokenizer: null },
    { pre_tokenizer: { type: 'Metaspace' } },
    { pre_tokenizer: { type: 'ByteLevel', use_regex: false } },
    { normalizer: { type: 'Replace' } },
    { normalizer: { type: 'Sequence', normalizers: [{ type: 'Strip' }] } },
    { added_tokens: [specialToken('two words', 0)] },
  ];
  for (const part of joining) expect(splitsAtBlanks({ ...json, ...part })).toBe(false);
});
