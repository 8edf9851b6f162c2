import { dirname } from 'node:path';
import type { HeadKind } from '@vflair/core/contract';
import type { Random } from '@vflair/core/tensor';
import { Findings } from '@vflair/core/text';
import { findFamily } from '../find-family.js';
import { loadModel } from '../load-model.js';
import { findOnnx, onnxFolder, readFacts, readOnnxSpec } from '../onnx/index.js';
import { checkVocabulary, loadTokenizer, type Tokenizer } from '../tokenizers/index.js';
import { readModelConfig } from '../weights/index.js';
import { type FileDigests, folderDigests } from './digests.js';
import { endTokens } from './end-tokens.js';
import { checkOneStream } from './one-stream.js';
import type { LibraryPlaces, ModelSources } from './sources.js';

/** A model folder for one head and number of classes (undefined: what config.json says). */
export interface ModelRequest {
  readonly folder: string;
  readonly head: HeadKind;
  readonly labels: number | undefined;
}

/** What a model is opened with. */
export interface ModelOpening {
  readonly sources: ModelSources;
  readonly places: LibraryPlaces;
  /** Where parameters that the checkpoint lacks come from. */
  readonly random: Random;
}

/** Opens weights and tokenizer of a folder. Throws Findings as {@link loadModel}, VF533 for a model that parties can't run, and VF527 where the two don't fit. */
export async function openModel(
  { folder, head, labels }: ModelRequest,
  { sources, places, random }: ModelOpening,
) {
  const sized = labels === undefined ? {} : { labels };
  const opened = await loadModel(folder, head, {
    family: sources.family,
    random: random.stream('model/init'),
    cache: places.cache,
    ...sized,
  });
  checkOneStream(opened.spec);
  const tokenizer = loadTokenizer(homeOf(folder));
  const problems = checkVocabulary(tokenizer.vocabularySize, opened.spec.vocabulary).filter(
    ({ severity }) => severity === 'error',
  );
  if (problems.length > 0) throw new Findings(problems);
  const padToken = opened.spec.padToken ?? tokenizer.padId ?? 0;
  return {
    spec: { ...opened.spec, padToken },
    stored: opened.stored,
    packed: opened.packed,
    read: opened.read,
    fresh: opened.fresh,
    encoder: {
      ...encoderOf(tokenizer, opened.spec.vocabulary),
      ends: endTokens(homeOf(folder), opened.config, tokenizer),
    },
    digests: digestsOf(folder),
  };
}

/** Folder and tokenizer of a model and the longest sequence its model takes; no weight is read. */
export async function openTokenizer(
  { folder, head, labels }: ModelRequest,
  { family: lookup }: ModelSources,
) {
  const onnx = findOnnx(folder);
  if (onnx !== undefined) {
    const { maxLength } = readOnnxSpec(onnx, readFacts(onnx), { head, labels });
    const home = onnxFolder(onnx);
    return { folder: home, tokenizer: loadTokenizer(home), maxLength };
  }
  const config = readModelConfig(folder);
  const family = await (lookup ?? findFamily)(String(config.model_type));
  const maxLength = family?.read(config, head).maxLength ?? Number.POSITIVE_INFINITY;
  return { folder, tokenizer: loadTokenizer(folder), maxLength };
}

/** The folder with the tokenizer of a model, which may be named by its one file. */
function homeOf(folder: string): string {
  const onnx = findOnnx(folder);
  return onnx === undefined ? folder : onnxFolder(onnx);
}

/** Digests of a folder, and of the one inside it where its weights are. */
function digestsOf(folder: string): FileDigests {
  const [home, onnx] = [homeOf(folder), findOnnx(folder)];
  const inner = onnx === undefined ? home : dirname(onnx);
  return { ...folderDigests(home), ...(inner === home ? {} : folderDigests(inner)) };
}

function encoderOf(tokenizer: Tokenizer, vocabulary: number) {
  return {
    vocabulary,
    special: [...tokenizer.specialIds],
    prefix: tokenizer.prefixIds,
    suffix: tokenizer.suffixIds,
    unknown: tokenizer.unkId,
    pieces: (ids: readonly number[]): string[] => ids.map((id) => pieceOf(tokenizer, id)),
    decode: (ids: readonly number[]): string => tokenizer.decode(ids),
  };
}

/** One token for people to read: a token that begins a word begins with its space, one that goes on has no mark. */
function pieceOf(tokenizer: Tokenizer, id: number): string {
  const spelled = tokenizer.token(id) ?? '';
  // WordPiece marks what goes on in a word; other vocabularies carry their spaces.
  if (tokenizer.clsId === undefined || tokenizer.specialIds.has(id))
    return tokenizer.decode([id], { skipSpecial: false });
  return spelled.startsWith('##') ? spelled.slice(2) : ` ${spelled}`;
}
