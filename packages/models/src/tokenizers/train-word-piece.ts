import { BertNormalizer, BertPreTokenizer } from '@huggingface/tokenizers';
import { at, present } from '@vflair/core/text';
import { type BertSettings, prepareBertText } from './bert-text.js';
import { type CountedWord, learnMerges } from './learn-merges.js';
import { countItems, specialToken, type TokenizerJson } from './tokenizer-json.js';

/** Special tokens of a trained WordPiece vocabulary, by id. */
const SPECIAL = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'];
const PREFIX = '##';
/** Words longer than this many characters are `[UNK]`. */
const LONGEST_WORD = 100;

/**
 * Trains a WordPiece vocabulary of at most `size` tokens and gives the content of its tokenizer.json, with BERT's
 * normaliser, word splitting and `[CLS] text [SEP]` (Devlin et al. 2019, arXiv:1810.04805). Pieces are learnt by
 * merging the most frequent pair; ids 0–4 are `[PAD] [UNK] [CLS] [SEP] [MASK]`, then characters by frequency, then
 * merges. The alphabet is the most frequent characters, at most 1,000 and an eighth of `size`; a word with any other
 * is `[UNK]`. Deterministic.
 */
export function trainWordPiece(
  texts: Iterable<string>,
  size: number,
  lowercase: boolean,
): TokenizerJson {
  const normalizer = {
    type: 'BertNormalizer',
    clean_text: true,
    handle_chinese_chars: true,
    strip_accents: null,
    lowercase,
  };
  const counts = countItems(wordsOf(texts, normalizer));
  const alphabet = frequentCharacters(counts, Math.min(1000, Math.floor(size / 8)));
  const tokens = [...SPECIAL];
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const idOf = (token: string): number => {
    const id = ids.get(token) ?? tokens.push(token) - 1;
    ids.set(token, id);
    return id;
  };
  for (const character of alphabet) idOf(character);
  for (const character of alphabet) idOf(PREFIX + character);
  const words = spell(counts, ids);
  const symbolOf = ({ left, right }: { left: number; right: number }): number =>
    idOf(at(tokens, left) + at(tokens, right).slice(PREFIX.length));
  const merges = learnMerges(words, symbolOf);
  while (tokens.length < size && merges.next().done !== true);
  return wordPieceJson(ids, normalizer);
}

function* wordsOf(texts: Iterable<string>, normalizer: BertSettings): Iterable<string> {
  const normalize = new BertNormalizer(normalizer);
  const split = new BertPreTokenizer();
  for (const text of texts) {
    yield* split.pre_tokenize_text(normalize.normalize(prepareBertText(text, normalizer)));
  }
}

/** The `limit` most frequent characters; ties by code point. */
function frequentCharacters(counts: ReadonlyMap<string, number>, limit: number): string[] {
  const frequency = new Map<string, number>();
  for (const [word, count] of counts) {
    for (const character of word) frequency.set(character, (frequency.get(character) ?? 0) + count);
  }
  const ranked = [...frequency].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return ranked.slice(0, limit).map(([character]) => character);
}

/** Words as symbols: the first character, then continued ones; words outside the alphabet are left out. */
function spell(
  counts: ReadonlyMap<string, number>,
  ids: ReadonlyMap<string, number>,
): CountedWord[] {
  const words: CountedWord[] = [];
  for (const [word, count] of counts) {
    const characters = [...word];
    if (characters.length > LONGEST_WORD || !characters.every((c) => ids.has(c))) continue;
    const symbols = characters.map((c, i) => present(ids.get(i === 0 ? c : PREFIX + c)));
    words.push({ symbols, count });
  }
  return words;
}

function wordPieceJson(ids: ReadonlyMap<string, number>, normalizer: object): TokenizerJson {
  const item = (content: string): [string, object] => [
    content,
    { id: content, ids: [ids.get(content)], tokens: [content] },
  ];
  const special = (id: string, type_id: number) => ({ SpecialToken: { id, type_id } });
  const sequence = (id: string, type_id: number) => ({ Sequence: { id, type_id } });
  const single = [special('[CLS]', 0), sequence('A', 0), special('[SEP]', 0)];
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: SPECIAL.map(specialToken),
    normalizer,
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single,
      pair: [...single, sequence('B', 1), special('[SEP]', 1)],
      special_tokens: Object.fromEntries([item('[CLS]'), item('[SEP]')]),
    },
    decoder: { type: 'WordPiece', prefix: PREFIX, cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: PREFIX,
      max_input_chars_per_word: LONGEST_WORD,
      vocab: Object.fromEntries(ids),
    },
  };
}
