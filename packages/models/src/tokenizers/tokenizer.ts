import { Tokenizer as Library } from '@huggingface/tokenizers';
import { type Diagnostic, finding } from '@vflair/core/text';
import { prepareBertText } from './bert-text.js';
import { repairByteFallback } from './byte-fallback.js';
import { bareIds, type Frame, probeFrame } from './frame.js';
import { rolesOf, type TokenRoles } from './token-roles.js';
import type { TokenizerJson } from './tokenizer-json.js';
import { splitsAtBlanks } from './words.js';

/** How a text is encoded. */
export interface EncodeOptions {
  /** Whether the post-processor's tokens are added; true by default. */
  readonly addSpecial?: boolean;
  /** Most ids; what is over is cut from the end of the text (of the longer of a pair). */
  readonly maxLength?: number;
  /** A second text, for pair tasks. */
  readonly pair?: string;
}

/** Token ids of a text; all lists are of one length. */
export interface Encoded {
  readonly ids: readonly number[];
  /** Segment of each token: 0, or 1 in the second text of a pair. */
  readonly types: readonly number[];
  /** True where a token is none of the text: added by the post-processor, or a special token other than the unknown. */
  readonly special: readonly boolean[];
  /** Tokens cut off to keep `maxLength`. */
  readonly dropped: number;
}

/** Text to ids and back. */
export interface Tokenizer extends TokenRoles {
  encode(text: string, options?: EncodeOptions): Encoded;
  /** Text of ids; ids without a token are passed over. `skipSpecial` (default true) leaves special tokens out. */
  decode(ids: readonly number[], options?: { readonly skipSpecial?: boolean }): string;
  /** The token of an id as the vocabulary spells it. */
  token(id: number): string | undefined;
  /** Whether the first words of a text are sure to have its first tokens. */
  readonly splitsAtBlanks: boolean;
  /** Largest id + 1. */
  readonly vocabularySize: number;
  readonly specialIds: ReadonlySet<number>;
  /** What is put before and after a single text. */
  readonly prefixIds: readonly number[];
  readonly suffixIds: readonly number[];
}

/**
 * A tokenizer from the contents of tokenizer.json and tokenizer_config.json; truncation and padding they ask for are
 * off. Raises VF526 where tokenizer.json is not supported.
 */
export function createTokenizer(
  json: TokenizerJson,
  config: { readonly [key: string]: unknown } = {},
): Tokenizer {
  const library = openLibrary(json, config);
  const specialIds = new Set(json.added_tokens.filter((t) => t.special).map((t) => t.id));
  const roles = rolesOf(json, config, (token) => library.token_to_id(token));
  const single = probeFrame(library, false);
  const pair = probeFrame(library, true);
  const prepare = preparation(json.normalizer);
  const isSpecial = (id: number): boolean => specialIds.has(id) && id !== roles.unkId;
  return {
    ...roles,
    specialIds,
    splitsAtBlanks: splitsAtBlanks(json),
    vocabularySize: largest(library.get_vocab().values()) + 1,
    prefixIds: single.prefix.ids,
    suffixIds: single.suffix.ids,
    token: (id) => library.id_to_token(id),
    encode(text, { addSpecial = true, maxLength = Number.POSITIVE_INFINITY, pair: other } = {}) {
      const parts = [text, other ?? ''].map((part) => bareIds(library, prepare(part)));
      const frame = addSpecial ? (other === undefined ? single : pair) : withoutAdded(pair);
      return assemble(frame, parts, { maxLength, isSpecial });
    },
    decode(ids, { skipSpecial = true } = {}) {
      const known = ids.filter((id) => library.id_to_token(id) !== undefined);
      const options = { skip_special_tokens: skipSpecial, clean_up_tokenization_spaces: false };
      return known.length === 0 ? '' : library.decode(known, options);
    },
  };
}

function largest(numbers: Iterable<number>): number {
  let most = -1;
  for (const number of numbers) most = Math.max(most, number);
  return most;
}

function openLibrary(json: TokenizerJson, config: object): Library {
  try {
    const library = new Library({ ...json, truncation: null, padding: null }, config);
    repairByteFallback(library.decoder);
    return library;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw finding(
      'VF526',
      `tokenizer.json is not supported: ${why}`,
      'use the tokenizer.json that the tokenizers library writes',
    );
  }
}

/** What has to be done to a text before the library sees it, by the kind of normaliser. */
function preparation(normalizer: unknown): (text: string) => string {
  if (typeof normalizer !== 'object' || normalizer === null) return (text) => text;
  const { type, normalizers, ...settings }: { [key: string]: unknown } = { ...normalizer };
  if (type === 'Sequence' && Array.isArray(normalizers)) {
    const steps = normalizers.map(preparation);
    return (text) => steps.reduce((changed, step) => step(changed), text);
  }
  if (type !== 'BertNormalizer') return (text) => text;
  const bert = {
    handle_chinese_chars: settings.handle_chinese_chars === true,
    lowercase: settings.lowercase === true,
  };
  return (text) => prepareBertText(text, bert);
}

function withoutAdded(frame: Frame): Frame {
  const none = { ids: [], type: 0 };
  return { ...frame, prefix: none, middle: none, suffix: none };
}

function assemble(
  frame: Frame,
  [first = [], second = []]: readonly (readonly number[])[],
  { maxLength, isSpecial }: { maxLength: number; isSpecial: (id: number) => boolean },
): Encoded {
  const { prefix, middle, suffix } = frame;
  const room = Math.max(0, maxLength - prefix.ids.length - middle.ids.length - suffix.ids.length);
  const keepSecond = Math.min(second.length, Math.max(Math.floor(room / 2), room - first.length));
  const a = first.slice(0, room - keepSecond);
  const b = second.slice(0, keepSecond);
  const pieces = [
    { ...prefix, isAdded: true },
    { ids: a, type: frame.first, isAdded: false },
    { ...middle, isAdded: true },
    { ids: b, type: frame.second, isAdded: false },
    { ...suffix, isAdded: true },
  ];
  return {
    ids: pieces.flatMap(({ ids }) => ids),
    types: pieces.flatMap(({ ids, type }) => ids.map(() => type)),
    special: pieces.flatMap(({ ids, isAdded }) => ids.map((id) => isAdded || isSpecial(id))),
    dropped: first.length - a.length + second.length - b.length,
  };
}

/**
 * Whether a tokenizer and a model fit: VF527, an error where ids could lie outside the model's embedding, a warning
 * where the embedding is so much larger (by a quarter) that the tokenizer is probably another model's.
 */
export function checkVocabulary(tokenizerSize: number, modelVocabulary: number): Diagnostic[] {
  const sizes = `the tokenizer has ${tokenizerSize} tokens, the model an embedding of ${modelVocabulary}`;
  if (tokenizerSize > modelVocabulary) {
    return [
      {
        code: 'VF527',
        severity: 'error',
        message: sizes,
        hint: 'use the tokenizer.json that belongs to these weights',
      },
    ];
  }
  if (tokenizerSize * 1.25 >= modelVocabulary) return [];
  return [
    {
      code: 'VF527',
      severity: 'warning',
      message: sizes,
      hint: 'check that the tokenizer.json belongs to these weights',
    },
  ];
}
