import type { TokenizerJson } from './tokenizer-json.js';

/** They work on single characters, or on ones that belong together; no blank is among those. */
const localNormalizers = new Set([
  'BertNormalizer',
  'Lowercase',
  'NFC',
  'NFD',
  'NFKC',
  'NFKD',
  'StripAccents',
]);

/** They split at every blank, whatever else they do. */
const wordSplitters = new Set(['BertPreTokenizer', 'Whitespace', 'WhitespaceSplit']);

/**
 * Whether a token can't reach over the end of a word, so that the first words of a text have its first tokens. False
 * where that is not certain.
 */
export function splitsAtBlanks({
  normalizer,
  pre_tokenizer: splitter,
  added_tokens: added,
}: TokenizerJson): boolean {
  return (
    isLocal(normalizer) && splits(splitter) && added.every(({ content }) => !/\s/.test(content))
  );
}

function isLocal(normalizer: unknown): boolean {
  const { type, normalizers } = fieldsOf(normalizer);
  if (type === 'Sequence') return Array.isArray(normalizers) && normalizers.every(isLocal);
  return type === undefined || localNormalizers.has(String(type));
}

function splits(splitter: unknown): boolean {
  const { type, use_regex: hasPattern } = fieldsOf(splitter);
  return type === 'ByteLevel' ? hasPattern !== false : wordSplitters.has(String(type));
}

function fieldsOf(value: unknown): { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

/** The first `count` words of a text, or all of it; what follows begins with a blank or the end of a line. */
export function firstWords(text: string, count: number): string {
  let words = 0;
  for (const { index } of text.matchAll(/(?<=\S)[ \n]/g)) {
    words += 1;
    if (words >= count) return text.slice(0, index);
  }
  return text;
}
