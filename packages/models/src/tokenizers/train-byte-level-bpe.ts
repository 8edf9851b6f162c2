import { ByteLevelPreTokenizer } from '@huggingface/tokenizers';
import { at, present } from '@vflair/core/text';
import { learnMerges } from './learn-merges.js';
import { countItems, specialToken, type TokenizerJson } from './tokenizer-json.js';

/** Special tokens of a trained byte-level vocabulary, by id. */
const SPECIAL = ['<|pad|>', '<|endoftext|>'];

/**
 * Trains a byte-level vocabulary of at most `size` tokens in the way of GPT-2 (Radford et al. 2019, section 2.2) and
 * gives the content of its tokenizer.json. Ids: 0 `<|pad|>`, 1 `<|endoftext|>`, 2–257 the bytes, then merges in the
 * order they were learnt. Every text can be encoded and decodes to itself. Deterministic; smaller than `size` only
 * where the texts hold no pair of symbols twice.
 */
export function trainByteLevelBpe(texts: Iterable<string>, size: number): TokenizerJson {
  const split = new ByteLevelPreTokenizer({ type: 'ByteLevel', add_prefix_space: false });
  const counts = countItems(preTokens(texts, (text) => split.pre_tokenize_text(text)));
  const tokens = [...SPECIAL, ...byteSymbols()];
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const words = [...counts].map(([word, count]) => ({
    symbols: Array.from(word, (symbol) => present(ids.get(symbol), 'byte symbol')),
    count,
  }));
  const merges: [string, string][] = [];
  const symbolOf = ({ left, right }: { left: number; right: number }): number => {
    const token = at(tokens, left) + at(tokens, right);
    const id = ids.get(token) ?? tokens.push(token) - 1;
    ids.set(token, id);
    return id;
  };
  for (const { left, right } of learnMerges(words, symbolOf)) {
    if (tokens.length >= size) break;
    merges.push([at(tokens, left), at(tokens, right)]);
  }
  return byteLevelJson(ids, merges);
}

function* preTokens(
  texts: Iterable<string>,
  split: (text: string) => readonly string[],
): Iterable<string> {
  for (const text of texts) yield* split(text);
}

/**
 * The printable character that stands for each byte in a byte-level vocabulary: itself where it is a visible Latin-1
 * character, otherwise the next free code point from 256 on.
 */
export function byteSymbols(): string[] {
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => {
    const visible =
      (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    return String.fromCodePoint(visible ? byte : next++);
  });
}

function byteLevelJson(
  ids: ReadonlyMap<string, number>,
  merges: readonly [string, string][],
): TokenizerJson {
  const byteLevel = {
    type: 'ByteLevel',
    add_prefix_space: false,
    trim_offsets: false,
    use_regex: true,
  };
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: SPECIAL.map(specialToken),
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: byteLevel,
    decoder: byteLevel,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(ids),
      merges,
    },
  };
}
