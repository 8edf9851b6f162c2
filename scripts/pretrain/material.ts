import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelSpec } from '@vflair/core/contract';
import {
  type Corpus,
  type Document,
  encoderOf,
  type PretrainingTexts,
  pretrainingTexts,
  type Source,
  type TokenizerJson,
  tokenStream,
  vocabularySize,
} from '@vflair/models/pretrain';
import type { Recipe } from './recipes.ts';

/** Texts of a run as tokens, and the model they are for. */
export interface Material {
  readonly spec: ModelSpec;
  readonly config: { readonly [key: string]: unknown };
  readonly tokenizer: TokenizerJson;
  readonly encode: (text: string) => readonly number[];
  readonly texts: PretrainingTexts;
  readonly train: readonly Source[];
  readonly validation: Int32Array;
}

/**
 * Reads the texts and encodes them with the vocabulary in `folder`, which is trained on the pretraining texts and
 * written there first where it is missing. `limit` keeps that many documents of each corpus.
 */
export function prepare(
  recipe: Recipe,
  folder: string,
  limit = Number.POSITIVE_INFINITY,
): Material {
  const all = pretrainingTexts();
  const cut = (corpus: Corpus): Corpus => ({
    ...corpus,
    documents: corpus.documents.slice(0, limit),
  });
  const texts = { train: all.train.map(cut), validation: cut(all.validation), test: cut(all.test) };
  const tokenizer = vocabularyOf(recipe, folder, texts.train);
  const config = { ...recipe.config, vocab_size: vocabularySize(tokenizer) };
  const encode = encoderOf(tokenizer);
  const stream = (documents: readonly Document[]): Int32Array =>
    tokenStream(documents, encode, recipe.separator);
  writeJson(join(folder, 'config.json'), config);
  writeJson(join(folder, 'tokenizer_config.json'), recipe.tokenizerConfig);
  return {
    spec: recipe.family.read(config, recipe.head),
    config,
    tokenizer,
    encode,
    texts,
    train: texts.train.map(({ id, documents }) => ({
      stream: stream(documents),
      share: recipe.shares[id] ?? 1,
    })),
    validation: stream(texts.validation.documents),
  };
}

function vocabularyOf(recipe: Recipe, folder: string, corpora: readonly Corpus[]): TokenizerJson {
  const file = join(folder, 'tokenizer.json');
  if (!existsSync(file)) {
    const texts = corpora.flatMap(({ documents }) => documents.flat());
    writeJson(file, recipe.trainTokenizer(texts, recipe.vocabulary));
  }
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** Writes a value as readable JSON, making the folder it goes to. */
export function writeJson(file: string, value: unknown): void {
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, `${JSON.stringify(value, undefined, 1)}\n`);
}
