import { expect, test } from 'vitest';
import mobyDick from '../datasets/moby-dick.js';
import { learnMerges } from './learn-merges.js';
import { createTokenizer } from './tokenizer.js';
import { byteSymbols, trainByteLevelBpe } from './train-byte-level-bpe.js';
import { trainWordPiece } from './train-word-piece.js';

const { train, test: heldOut } = mobyDick.load();
const texts = train.slice(0, 300).map(({ text }) => text);

/** The textbook algorithm: count all pairs anew for each merge. */
function slowMerges(words: readonly string[], count: number): string[] {
  let split = words.map((word) => [...word]);
  const merges: string[] = [];
  while (merges.length < count) {
    const counts = new Map<string, number>();
    for (const word of split) {
      word.slice(1).forEach((right, i) => {
        const pair = `${word[i]} ${right}`;
        counts.set(pair, (counts.get(pair) ?? 0) + 1);
      });
    }
    const most = Math.max(...counts.values());
    const [best = ''] = [...counts.keys()].filter((pair) => counts.get(pair) === most);
    if (most < 2) break;
    merges.push(best);
    split = split.map((word) =>
      ` ${word.join('  ')} `
        .replaceAll(` ${best.replace(' ', '  ')} `, ` ${best.replace(' ', '')} `)
        .trim()
        .split('  '),
    );
  }
  return merges;
}

test('merges are those of counting anew each time', () => {
  // Counts without ties at the first eight steps, so that the order of ties plays no part.
  const corpus = [
    'ab',
    'ab',
    'ab',
    'ab',
    'ab',
    'abc',
    'abc',
    'abc',
    'abcd',
    'abcd',
    'aab',
    'xy',
    'xy',
    'xy',
    'xy',
    'xy',
    'xyz',
  ];
  const symbols = [...new Set(corpus.join(''))];
  const ids = new Map(symbols.map((symbol, id) => [symbol, id]));
  const words = corpus.map((word) => ({
    symbols: [...word].map((c) => ids.get(c) ?? 0),
    count: 1,
  }));
  const found: string[] = [];
  const name = (id: number): string => symbols[id] ?? '';
  const symbolOf = ({ left, right }: { left: number; right: number }): number =>
    symbols.push(name(left) + name(right)) - 1;
  for (const { left, right } of learnMerges(words, symbolOf))
    found.push(`${name(left)} ${name(right)}`);
  expect(found).toEqual(slowMerges(corpus, found.length));
  expect(found).toEqual(['a b', 'x y', 'ab c', 'abc d']);
});

test('runs of one symbol merge from the left', () => {
  const merges = [
    ...learnMerges([{ symbols: [0, 0, 0, 0, 0], count: 1 }], ({ left, right }) => 1 + left + right),
  ];
  expect(merges.map(({ left, right }) => [left, right])).toEqual([[0, 0]]);
});

test('every byte has a character of its own', () => {
  expect(new Set(byteSymbols()).size).toBe(256);
  expect(byteSymbols()[0x20]).toBe('Ġ');
  expect(byteSymbols()[0x41]).toBe('A');
});

test('a byte-level vocabulary has the size asked for and gives held-out text back', () => {
  const tokenizer = createTokenizer(trainByteLevelBpe(texts, 1000));
  expect(tokenizer).toMatchObject({ vocabularySize: 1000, padId: 0, eosId: 1, bosId: 1 });
  expect(tokenizer.unkId).toBeUndefined();
  for (const { text } of heldOut.slice(0, 50)) {
    const { ids } = tokenizer.encode(text);
    expect(tokenizer.decode(ids)).toBe(text);
    expect(ids.length).toBeLessThan(text.length / 2);
  }
});

test('a WordPiece vocabulary has the size asked for and gives lower-case words back', () => {
  const tokenizer = createTokenizer(trainWordPiece(texts, 1000, true));
  expect(tokenizer).toMatchObject({
    vocabularySize: 1000,
    padId: 0,
    unkId: 1,
    clsId: 2,
    sepId: 3,
    maskId: 4,
  });
  const { ids } = tokenizer.encode('The Whale is the largest.');
  expect(ids).not.toContain(1);
  expect(tokenizer.decode(ids)).toBe('the whale is the largest.');
  expect(tokenizer.token(ids[0] ?? 0)).toBe('[CLS]');
});

test('without lower-casing capitals stay', () => {
  const tokenizer = createTokenizer(trainWordPiece(texts, 1000, false));
  expect(tokenizer.decode(tokenizer.encode('The Whale').ids)).toBe('The Whale');
});

test('training twice gives the same vocabulary', () => {
  expect(trainByteLevelBpe(texts, 600)).toEqual(trainByteLevelBpe(texts, 600));
  expect(trainWordPiece(texts, 600, true)).toEqual(trainWordPiece(texts, 600, true));
});

test('a corpus too small for the size gives all it has', () => {
  const tokenizer = createTokenizer(trainByteLevelBpe(['ab'], 1000));
  expect(tokenizer.vocabularySize).toBe(258);
});
