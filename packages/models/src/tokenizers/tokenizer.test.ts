import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sharedCase } from '../testing/shared-folder.js';
import { loadTokenizer } from './load-tokenizer.js';
import { checkVocabulary, createTokenizer, type Tokenizer } from './tokenizer.js';
import type { TokenizerJson } from './tokenizer-json.js';
import { trainByteLevelBpe } from './train-byte-level-bpe.js';
import { trainWordPiece } from './train-word-piece.js';

interface Case {
  readonly text: string;
  readonly pair?: string;
  readonly ids: number[];
  readonly typeIds?: number[];
  readonly idsWithoutSpecial?: number[];
  readonly decoded: string;
  readonly decodedWithSpecial: string;
}

function expectCase(tokenizer: Tokenizer, golden: Case): void {
  const { text, pair, ids, idsWithoutSpecial = ids } = golden;
  const options = pair === undefined ? {} : { pair };
  const encoded = tokenizer.encode(text, options);
  const bare = tokenizer.encode(text, { ...options, addSpecial: false });
  expect({ text, ids: encoded.ids }).toEqual({ text, ids });
  expect({ text, ids: bare.ids }).toEqual({ text, ids: idsWithoutSpecial });
  if (golden.typeIds !== undefined) expect(encoded.types).toEqual(golden.typeIds);
  expect(encoded.special).toHaveLength(ids.length);
  expect(tokenizer.decode(ids)).toBe(golden.decoded);
  expect(tokenizer.decode(ids, { skipSpecial: false })).toBe(golden.decodedWithSpecial);
}

for (const model of ['all-minilm-l6-v2', 'smollm2-135m-instruct', 'stories260k']) {
  const golden = `golden/models/${model}/tokenizer.json`;
  const { title, isAbsent, folder } = sharedCase(`${model}: ids and texts as recorded`, [
    golden,
    `models/${model}`,
  ]);
  test.skipIf(isAbsent)(title, () => {
    const tokenizer = loadTokenizer(join(folder, 'models', model));
    const recorded: { cases: Case[]; pairs?: Case[] } = JSON.parse(
      readFileSync(join(folder, golden), 'utf8'),
    );
    expect(recorded.cases).toHaveLength(78);
    for (const item of [...recorded.cases, ...(recorded.pairs ?? [])]) expectCase(tokenizer, item);
  });
}

const roles = sharedCase('roles of the recorded tokenizers', ['models/all-minilm-l6-v2']);
test.skipIf(roles.isAbsent)(roles.title, () => {
  const { folder } = roles;
  const bert = loadTokenizer(join(folder, 'models/all-minilm-l6-v2'));
  expect(bert).toMatchObject({ padId: 0, unkId: 100, clsId: 101, sepId: 102, maskId: 103 });
  expect(bert).toMatchObject({ vocabularySize: 30522, prefixIds: [101], suffixIds: [102] });
  const llama = loadTokenizer(join(folder, 'models/smollm2-135m-instruct'));
  expect(llama).toMatchObject({
    padId: 2,
    eosId: 2,
    bosId: 1,
    vocabularySize: 49152,
    prefixIds: [],
  });
  expect(llama.unkId).toBeUndefined();
});

const words = ['the cat sat on the mat', 'the dog sat on the log', 'a cat and a dog'];

test('maxLength cuts the text, not the tokens around it', () => {
  const tokenizer = createTokenizer(trainWordPiece(words, 200, true));
  const whole = tokenizer.encode('the cat sat on the mat');
  const cut = tokenizer.encode('the cat sat on the mat', { maxLength: 5 });
  expect(cut.ids).toEqual([...whole.ids.slice(0, 4), tokenizer.sepId]);
  expect(cut.dropped).toBe(whole.ids.length - 5);
  expect(cut.special).toEqual([true, false, false, false, true]);
});

test('a pair is cut from its longer text', () => {
  const tokenizer = createTokenizer(trainWordPiece(words, 200, true));
  const { ids, types } = tokenizer.encode('the cat sat on the mat', {
    pair: 'a dog',
    maxLength: 8,
  });
  expect(ids).toHaveLength(8);
  expect(types).toEqual([0, 0, 0, 0, 0, 1, 1, 1]);
});

test('the unknown token counts as text, a special token typed by a user does not', () => {
  const tokenizer = createTokenizer(trainWordPiece(words, 200, true));
  const { ids, special } = tokenizer.encode('cat % [SEP]');
  expect(ids.slice(2)).toEqual([tokenizer.unkId, tokenizer.sepId, tokenizer.sepId]);
  expect(special).toEqual([true, false, false, true, true]);
});

test('any text survives a byte-level vocabulary', () => {
  const tokenizer = createTokenizer(trainByteLevelBpe(words, 300));
  const texts = fc.string({ unit: 'grapheme' });
  fc.assert(
    fc.property(texts, (text) => {
      expect(tokenizer.decode(tokenizer.encode(text).ids)).toBe(text);
    }),
  );
});

test('ids beyond the vocabulary decode to nothing', () => {
  const tokenizer = createTokenizer(trainByteLevelBpe(words, 300));
  expect(tokenizer.decode([...tokenizer.encode('cat').ids, 99_999])).toBe('cat');
  expect(tokenizer.decode([])).toBe('');
});

test('what is not a tokenizer is a finding', () => {
  const broken = trainByteLevelBpe(words, 300);
  const unknown: TokenizerJson = { ...broken, pre_tokenizer: { type: 'Telepathy' } };
  expect(() => createTokenizer(unknown)).toThrow(/VF526/);
  expect(() => createTokenizer({ ...broken, model: {} })).toThrow(/VF526/);
  expect(() => loadTokenizer('no such folder')).toThrow(/VF525/);
});

test('a tokenizer larger than the embedding is an error, one far smaller a warning', () => {
  expect(checkVocabulary(100, 99)).toMatchObject([{ code: 'VF527', severity: 'error' }]);
  expect(checkVocabulary(512, 32_000)).toMatchObject([{ code: 'VF527', severity: 'warning' }]);
  expect(checkVocabulary(32_011, 32_064)).toEqual([]);
});
