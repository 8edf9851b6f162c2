import { finding } from '@vflair/core/text';
import type { GgufHeader, GgufValue } from '../weights/gguf-header.js';
import { mergesByScore } from './merges-by-score.js';
import { type AddedToken, specialToken, type TokenizerJson } from './tokenizer-json.js';

/** What tokenizer.json and tokenizer_config.json would say of a GGUF file's vocabulary. */
export interface GgufTokenizer {
  readonly json: TokenizerJson;
  readonly config: { readonly [key: string]: unknown };
}

// Values of `tokenizer.ggml.token_type`.
const UNKNOWN = 2;
const CONTROL = 3;
const USER_DEFINED = 4;

const byteLevel = (useRegex: boolean) => ({
  type: 'ByteLevel',
  add_prefix_space: false,
  trim_offsets: true,
  use_regex: useRegex,
});

/** Words of a text, by the name llama.cpp has for the rule. */
const WORDS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['gpt-2', byteLevel(true)],
  ['default', byteLevel(true)],
  [
    'smollm',
    {
      type: 'Sequence',
      pretokenizers: [{ type: 'Digits', individual_digits: true }, byteLevel(true)],
    },
  ],
]);

/**
 * The tokenizer a GGUF file carries: byte-level BPE (`gpt2`) with the word rules of GPT-2 or SmolLM, or SentencePiece BPE
 * (`llama`), whose merges follow from the scores. Raises VF526 for others and where the metadata are incomplete.
 */
export function ggufTokenizer(file: string, { metadata }: GgufHeader): GgufTokenizer {
  const of = (key: string): GgufValue | undefined => metadata.get(`tokenizer.ggml.${key}`);
  const tokens = listOf<string>(of('tokens'), 'string');
  if (tokens.length === 0) throw unsupported(file, 'it has no list of tokens');
  const model = of('model');
  const shared = {
    added_tokens: addedTokens(tokens, listOf<number>(of('token_type'), 'number')),
    post_processor: template(tokens, of),
  };
  const vocab = Object.fromEntries(tokens.map((token, id) => [token, id]));
  const config = roles(tokens, of);
  if (model === 'gpt2') {
    const rule = of('pre') ?? 'default';
    const words = typeof rule === 'string' ? WORDS.get(rule) : undefined;
    if (!words) throw unsupported(file, `its word rule is \`${rule}\``);
    const merges = listOf<string>(of('merges'), 'string');
    return { json: { ...shared, ...byteLevelParts(words, { vocab, merges }) }, config };
  }
  if (model !== 'llama') throw unsupported(file, `its model is \`${String(model)}\``);
  const scores = listOf<number>(of('scores'), 'number');
  if (scores.length !== tokens.length) throw unsupported(file, 'its tokens have no scores');
  const hasPrefix = of('add_space_prefix') !== false;
  const merges = mergesByScore(tokens, scores);
  return { json: { ...shared, ...sentencePieceParts(hasPrefix, { vocab, merges }) }, config };
}

interface Vocabulary {
  readonly vocab: { readonly [token: string]: number };
  readonly merges: readonly string[];
}

function byteLevelParts(words: unknown, vocabulary: Vocabulary) {
  return {
    normalizer: null,
    pre_tokenizer: words,
    decoder: { ...byteLevel(true), add_prefix_space: true },
    model: { type: 'BPE', unk_token: null, ...vocabulary },
  };
}

function sentencePieceParts(hasPrefix: boolean, vocabulary: Vocabulary) {
  const prepend = { type: 'Prepend', prepend: '▁' };
  const spaces = { type: 'Replace', pattern: { String: ' ' }, content: '▁' };
  const strip = { type: 'Strip', content: ' ', start: 1, stop: 0 };
  const back = { type: 'Replace', pattern: { String: '▁' }, content: ' ' };
  const decoders = [back, { type: 'ByteFallback' }, { type: 'Fuse' }];
  return {
    normalizer: { type: 'Sequence', normalizers: hasPrefix ? [prepend, spaces] : [spaces] },
    pre_tokenizer: null,
    decoder: { type: 'Sequence', decoders: hasPrefix ? [...decoders, strip] : decoders },
    model: { type: 'BPE', unk_token: '<unk>', fuse_unk: true, byte_fallback: true, ...vocabulary },
  };
}

function addedTokens(tokens: readonly string[], types: readonly number[]): AddedToken[] {
  return tokens.flatMap((content, id) => {
    if (types[id] === CONTROL || types[id] === UNKNOWN) return [specialToken(content, id)];
    return types[id] === USER_DEFINED ? [{ ...specialToken(content, id), special: false }] : [];
  });
}

type Metadata = (key: string) => GgufValue | undefined;

function tokenOf(tokens: readonly string[], of: Metadata, role: string): string | undefined {
  const id = of(`${role}_token_id`);
  return typeof id === 'number' ? tokens[id] : undefined;
}

/** Puts the first and last token around a text, where the file asks for them. */
function template(tokens: readonly string[], of: Metadata): unknown {
  const first = of('add_bos_token') === true ? tokenOf(tokens, of, 'bos') : undefined;
  const last = of('add_eos_token') === true ? tokenOf(tokens, of, 'eos') : undefined;
  const around = [first, last].filter((token) => token !== undefined);
  if (around.length === 0) return null;
  const special = (token: string | undefined) =>
    token === undefined ? [] : [{ SpecialToken: { id: token, type_id: 0 } }];
  const text = (id: string, type: number) => ({ Sequence: { id, type_id: type } });
  return {
    type: 'TemplateProcessing',
    single: [...special(first), text('A', 0), ...special(last)],
    pair: [...special(first), text('A', 0), ...special(first), text('B', 1), ...special(last)],
    special_tokens: Object.fromEntries(
      around.map((token) => [token, { id: token, ids: [tokens.indexOf(token)], tokens: [token] }]),
    ),
  };
}

/** Roles of tokens as tokenizer_config.json names them. */
function roles(tokens: readonly string[], of: Metadata): { [key: string]: unknown } {
  const names = { bos: 'bos', eos: 'eos', padding: 'pad', unknown: 'unk' } as const;
  return Object.fromEntries(
    Object.entries(names).flatMap(([name, short]) => {
      const token = tokenOf(tokens, of, name);
      return token === undefined ? [] : [[`${short}_token`, token]];
    }),
  );
}

function listOf<T extends string | number>(
  value: GgufValue | undefined,
  type: 'string' | 'number',
): readonly T[] {
  const isList = Array.isArray(value) && value.every((item) => typeof item === type);
  // Every element was just seen to be of the type that the caller names twice.
  return isList ? (value as readonly unknown[] as readonly T[]) : [];
}

function unsupported(file: string, why: string): Error {
  return finding(
    'VF526',
    `the tokenizer of \`${file}\` is not supported: ${why}`,
    'put the tokenizer.json of the model beside the file, and name the folder',
  );
}
