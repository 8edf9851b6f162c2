import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Findings } from '@vflair/core/text';
import { expect, test } from 'vitest';
import { sharedCase } from '../testing/shared-folder.js';
import type { GgufValue } from '../weights/gguf-header.js';
import { ggufTokenizer } from './gguf-tokenizer.js';
import { loadTokenizer } from './load-tokenizer.js';
import { mergesByScore } from './merges-by-score.js';
import { createTokenizer } from './tokenizer.js';

interface Recorded {
  readonly text: string;
  readonly ids: readonly number[];
}

const name = 'smollm2-135m-instruct';
const model = `models/${name}/SmolLM2-135M-Instruct.Q4_1.gguf`;
const golden = `golden/models/${name}/tokenizer.json`;
const bytes = sharedCase('a byte-level vocabulary encodes as its tokenizer.json does', [
  model,
  golden,
]);
const small = 'golden/models/stories260k/tokenizer.json';
const pieces = sharedCase('a vocabulary of pieces and scores encodes as its tokenizer.json does', [
  small,
  'models/stories260k/tokenizer.json',
]);

/** Recorded texts with their ids. */
function recordedTexts(file: string): readonly Recorded[] {
  const { cases }: { readonly cases: readonly Recorded[] } = JSON.parse(readFileSync(file, 'utf8'));
  return cases;
}

test.skipIf(bytes.isAbsent)(bytes.title, () => {
  const tokenizer = loadTokenizer(join(bytes.folder, model));
  const texts = recordedTexts(join(bytes.folder, golden));
  expect(texts.length).toBeGreaterThan(50);
  const wrong = texts.filter(({ text, ids }) => `${tokenizer.encode(text).ids}` !== `${ids}`);
  expect(wrong.map(({ text }) => text)).toEqual([]);
  const folder = join(bytes.folder, 'models', name);
  const { padId, bosId, eosId, vocabularySize } = loadTokenizer(folder);
  expect(tokenizer).toMatchObject({ padId, bosId, eosId, vocabularySize });
});

/** What the metadata of a GGUF file would be of a vocabulary of pieces: the earlier a merge, the higher its score. */
function piecesOf(folder: string): Map<string, GgufValue> {
  const { model, added_tokens: added } = JSON.parse(
    readFileSync(join(folder, 'tokenizer.json'), 'utf8'),
  ) as {
    readonly model: { readonly vocab: Record<string, number>; readonly merges: readonly string[] };
    readonly added_tokens: readonly { readonly content: string }[];
  };
  const tokens = Object.entries(model.vocab)
    .toSorted(([, a], [, b]) => a - b)
    .map(([token]) => token);
  const ranks = new Map(model.merges.map((merge, rank) => [merge.replace(' ', ''), rank]));
  const special = new Set(added.map(({ content }) => content));
  return new Map<string, GgufValue>([
    ['tokenizer.ggml.model', 'llama'],
    ['tokenizer.ggml.tokens', tokens],
    ['tokenizer.ggml.scores', tokens.map((token) => -(ranks.get(token) ?? 1e6))],
    ['tokenizer.ggml.token_type', tokens.map((token) => (special.has(token) ? 3 : 1))],
    ['tokenizer.ggml.bos_token_id', tokens.indexOf('<s>')],
    ['tokenizer.ggml.eos_token_id', tokens.indexOf('</s>')],
    ['tokenizer.ggml.add_bos_token', true],
  ]);
}

test.skipIf(pieces.isAbsent)(pieces.title, () => {
  const metadata = piecesOf(join(pieces.folder, 'models/stories260k'));
  const { json, config } = ggufTokenizer('a file', { metadata, tensors: new Map() });
  const tokenizer = createTokenizer(json, config);
  const texts = recordedTexts(join(pieces.folder, small));
  expect(texts.length).toBeGreaterThan(50);
  const wrong = texts.filter(({ text, ids }) => `${tokenizer.encode(text).ids}` !== `${ids}`);
  expect(wrong.map(({ text }) => text)).toEqual([]);
  expect(tokenizer.prefixIds).toEqual([metadata.get('tokenizer.ggml.bos_token_id')]);
});

test('a vocabulary of another kind, or one that is not whole, is refused', () => {
  const codeOf = (...entries: readonly (readonly [string, GgufValue])[]): string => {
    const own = entries.map(([key, value]) => [`tokenizer.ggml.${key}`, value] as const);
    try {
      ggufTokenizer('a file', { metadata: new Map(own), tensors: new Map() });
      return 'none';
    } catch (error) {
      return error instanceof Findings ? (error.diagnostics[0]?.code ?? '') : String(error);
    }
  };
  const tokens = ['tokens', ['a', 'b']] as const;
  expect(codeOf(tokens, ['model', 'gpt2'])).toBe('none');
  expect(codeOf(['model', 'gpt2'])).toBe('VF526');
  expect(codeOf(tokens, ['model', 'bert'])).toBe('VF526');
  expect(codeOf(tokens, ['model', 'gpt2'], ['pre', 'tekken'])).toBe('VF526');
  expect(codeOf(tokens, ['model', 'llama'], ['scores', [1]])).toBe('VF526');
});

test('without a list of merges every split of a piece is one, by the score of the piece', () => {
  const tokens = ['a', 'b', 'c', 'ab', 'bc', 'abc', '😀', '😀a'];
  const scores = [0, 0, 0, -2, -1, -3, 0, -4];
  expect(mergesByScore(tokens, scores)).toEqual(['b c', 'a b', 'ab c', 'a bc', '😀 a']);
});
