import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomStream } from '@vflair/core/tensor';
import { Findings } from '@vflair/core/text';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { sharedCase } from '../testing/shared-folder.js';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { createTokenizer, trainByteLevelBpe, trainWordPiece } from '../tokenizers/index.js';
import { batchOf, drawRows, encodeRows } from './encode-rows.js';
import { type RowOptions, readRows } from './read-rows.js';

function dataFile(name: string, content: string | Uint8Array): string {
  const folder = temporaryFolder(onTestFinished);
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

function rowsOf(
  name: string,
  content: string,
  options?: RowOptions,
): [string, number | undefined][] {
  return readRows(dataFile(name, content), options).map(({ text, label }) => [text, label]);
}

function findingsOf(name: string, content: string, options?: RowOptions): string[] {
  try {
    readRows(dataFile(name, content), options);
  } catch (error) {
    if (error instanceof Findings)
      return error.diagnostics.map((d) => `${d.code}: ${d.message} | ${d.hint}`);
    throw error;
  }
  return [];
}

const sst2 = sharedCase('sst2 as published, without a word about its columns', ['data/sst2']);
test.skipIf(sst2.isAbsent)(sst2.title, () => {
  const train = readRows(join(sst2.folder, 'data/sst2/train.tsv'), { labels: 2 });
  const dev = readRows(join(sst2.folder, 'data/sst2/dev.tsv'), { labels: 2 });
  expect([train.length, dev.length]).toEqual([6920, 872]);
  expect(dev[0]).toEqual({ id: 'dev.tsv:1', text: 'one long string of cliches', label: 0 });
});

const mrpc = sharedCase('mrpc with its byte order mark, quotes and named columns', ['data/mrpc']);
test.skipIf(mrpc.isAbsent)(mrpc.title, () => {
  const columns = { text: '#1 String', label: 'Quality' };
  const read = (name: string) =>
    readRows(join(mrpc.folder, `data/mrpc/${name}.tsv`), { columns, labels: 2 });
  const train = read('train');
  const source = readFileSync(join(mrpc.folder, 'data/mrpc/train.tsv'), 'utf8');
  // One line per row and one for the header.
  expect(train).toHaveLength(source.trimEnd().split('\n').length - 1);
  expect(read('test')).toHaveLength(1725);
  expect(train[0]?.text).toBe(
    'Amrozi accused his brother, whom he called "the witness", of deliberately distorting his evidence.',
  );
  expect(train.slice(0, 3).map(({ label }) => label)).toEqual([1, 0, 1]);
  expect(() => readRows(join(mrpc.folder, 'data/mrpc/test.tsv'), { labels: 2 })).toThrow(
    /VF544.*line 1 /,
  );
});

test('in .tsv a quote is an ordinary character, in .csv it encloses a cell', () => {
  expect(rowsOf('a.tsv', '"a, b\t1\n')).toEqual([['"a, b', 1]]);
  expect(rowsOf('a.csv', '"a, ""b""\nc",1\nd,0\n')).toEqual([
    ['a, "b"\nc', 1],
    ['d', 0],
  ]);
  expect(findingsOf('a.csv', 'x,1\n"a,0\n')[0]).toMatch(/^VF545: .*line 2/);
});

test('line ends and byte order marks of other systems change nothing', () => {
  expect(rowsOf('a.tsv', '\uFEFFtext\tlabel\r\nx\t1\r\n\r\n')).toEqual([['x', 1]]);
  expect(rowsOf('a.csv', '\uFEFFlabel,text\r\n1,x\r\n')).toEqual([['x', 1]]);
  expect(rowsOf('a.jsonl', '\uFEFF{"text":"x","label":"1"}\r\n')).toEqual([['x', 1]]);
});

test('columns by name need a header, columns by number mean there is none', () => {
  const table = 'q\ta\nx\t1\n';
  expect(rowsOf('a.tsv', table, { columns: { text: 'q' } })).toEqual([['x', undefined]]);
  expect(rowsOf('a.tsv', table, { columns: { text: 2 } })).toEqual([
    ['a', undefined],
    ['1', undefined],
  ]);
  expect(findingsOf('a.tsv', table, { columns: { text: 'q', label: 2 } })[0]).toMatch(/^VF546/);
  expect(findingsOf('a.jsonl', '{"text":"x"}', { columns: { text: 1 } })[0]).toMatch(/^VF546/);
});

test('a column that is not there is VF542 with the nearest names', () => {
  const [found] = findingsOf('a.tsv', 'question\tanswer\nx\ty\n', { columns: { text: 'qestion' } });
  expect(found).toMatch(/^VF542: .*`qestion` \| nearest are `question`, `answer`/);
  expect(findingsOf('a.jsonl', '{"question":"x"}')[0]).toMatch(/^VF542: .*`text`.*`question`/);
});

test('empty files are VF541, unknown kinds and missing files VF540', () => {
  expect(findingsOf('a.tsv', '')[0]).toMatch(/^VF541/);
  expect(findingsOf('a.tsv', '\n\n')[0]).toMatch(/^VF541/);
  expect(findingsOf('a.tsv', 'text\tlabel\n')[0]).toMatch(/^VF541/);
  expect(findingsOf('a.xlsx', 'x')[0]).toMatch(/^VF540/);
  expect(() => readRows('absent.tsv')).toThrow(/VF540/);
  expect(() => readRows(dataFile('a.tsv', Uint8Array.of(0x61, 0xff)))).toThrow(/VF540/);
});

test('rows without text or label are named by their lines', () => {
  expect(findingsOf('a.tsv', 'a\t1\nb\n\nc\t\n\t0\n', { labels: 2 })).toEqual([
    expect.stringMatching(/^VF543: line 2 .*no label/),
    expect.stringMatching(/^VF543: line 4 .*no label/),
    expect.stringMatching(/^VF543: line 5 .*no text/),
  ]);
});

test('labels are integers in range, where the task needs them', () => {
  for (const label of ['2', '-1', '0.5', 'spam']) {
    expect(findingsOf('a.tsv', `a\t0\nb\t${label}\n`, { labels: 2 })[0]).toMatch(/^VF544: line 2/);
  }
  expect(rowsOf('a.tsv', 'a\tsome words\n')).toEqual([['a', undefined]]);
  expect(findingsOf('a.jsonl', '{"text":"a","label":1.5}', { labels: 2 })[0]).toMatch(/^VF544/);
  expect(findingsOf('a.jsonl', '{"text":"a"}\n[1]', { labels: 2 })[0]).toMatch(/^VF545: line 2/);
});

test('a file full of mistakes gives ten findings, the last counting the rest', () => {
  const found = findingsOf('a.tsv', 'a\n'.repeat(30), { labels: 2 });
  expect(found).toHaveLength(10);
  expect(found.at(-1)).toContain('and 20 more lines');
});

test('drawing fewer rows gives the beginning of drawing more', () => {
  const rows = Array.from({ length: 20 }, (_, i) => i);
  fc.assert(
    fc.property(fc.nat({ max: 25 }), fc.string(), (count, name) => {
      const all = drawRows(rows, randomStream(name));
      expect(drawRows(rows, randomStream(name), count)).toEqual(all.slice(0, count));
      expect([...all].sort((a, b) => a - b)).toEqual(rows);
    }),
  );
});

const corpus = ['a cat sat on a mat', 'a dog sat on a log'];

test('a batch is padded on the right, and only the text counts as the user’s', () => {
  const tokenizer = createTokenizer(trainWordPiece(corpus, 200, true));
  const rows = [
    { id: '1', text: 'a cat' },
    { id: '2', text: 'cat % a mat' },
  ];
  const { rows: encoded, warnings } = encodeRows(rows, tokenizer, 16);
  const { ids, mask, userMask, lengths } = batchOf(encoded, 0);
  const width = Math.max(...lengths);
  expect(warnings).toEqual([]);
  expect(ids.shape).toEqual([2, width]);
  expect([...mask.data].map(Number)).toEqual(
    lengths.flatMap((n) => Array.from({ length: width }, (_, i) => Number(i < n))),
  );
  const text = [...ids.data].map(Number).filter((_, i) => userMask.data[i] === 1);
  expect(tokenizer.decode(text)).toBe('a cat cat a mat');
});

const pieces = fc.constantFrom(
  ...[
    'a',
    'cat',
    'Mat',
    'é',
    'e\u0301',
    'ΑΣ',
    '猫',
    '🐈',
    '[SEP]',
    '[',
    '<|pad|>',
    "n't",
    '...',
    '42',
  ],
  ...[' ', '  ', '\n', ' \n', '\t', '\u00a0', '\u200b', '\ufeff', '\r\n', '\u0000'],
);
const texts = fc.oneof(
  fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 60 }),
);

test.each([
  ['word pieces', createTokenizer(trainWordPiece(corpus, 200, true))],
  ['byte-level pairs', createTokenizer(trainByteLevelBpe(corpus, 300))],
])('%s: the tokens of a long text are those of its beginning', (_, tokenizer) => {
  expect(tokenizer.splitsAtBlanks).toBe(true);
  fc.assert(
    fc.property(texts, fc.integer({ min: 1, max: 12 }), (text, maxLength) => {
      const { ids, types, dropped } = tokenizer.encode(text, { maxLength });
      const { rows, warnings } = encodeRows([{ id: '1', text }], tokenizer, maxLength);
      expect(rows.map((row) => [row.ids, row.types])).toEqual(ids.length > 0 ? [[ids, types]] : []);
      expect(warnings.some(({ code }) => code === 'VF547')).toBe(dropped > 0);
    }),
    { numRuns: 500 },
  );
});

test('texts beyond the length are cut and counted, those without a token left out and counted', () => {
  const tokenizer = createTokenizer(trainByteLevelBpe(corpus, 300));
  const rows = ['a cat sat on a mat', '', 'a'].map((text, i) => ({ id: String(i), text }));
  const { rows: encoded, warnings } = encodeRows(rows, tokenizer, 3);
  expect(encoded.map(({ row, ids }) => [row.id, ids.length])).toEqual([
    ['0', 3],
    ['2', 1],
  ]);
  expect(warnings.map(({ code, message }) => `${code} ${message}`)).toEqual([
    'VF547 1 of 3 texts are longer than 3 tokens and were cut',
    'VF548 1 of 3 texts have no token and were left out',
  ]);
});
