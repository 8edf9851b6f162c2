import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Findings } from '@vflair/core/text';
import { type CodePage, codePageToMarkdown, compile, languageCodes, mergeCodes } from '@vflair/dsl';
import {
  createTokenizer,
  findFamily,
  loadChatTemplate,
  loadTokenizer,
  openCheckpoint,
  readModelConfig,
  readRows,
} from '@vflair/models';
import { afterAll, expect, test } from 'vitest';
import { bugAreas, bugsToMarkdown, runningCodes } from './index.js';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const path = join(root, 'docs/errors.md');
const isOurs = (code: string): boolean => /^VF[59]/.test(code);

/** The page of each code, by its heading; what stands before the first one is under "". */
function sectionsOf(text: string): ReadonlyMap<string, string> {
  const parts = text.split(/^(?=## VF)/m);
  return new Map(parts.map((part) => [part.match(/^## (VF\w+)/)?.[1] ?? '', part.trim()]));
}

/** All sources of all packages but tests and the pages themselves. */
const sources = readdirSync(join(root, 'packages')).flatMap((name) => {
  const folder = join(root, 'packages', name, 'src');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !/\.test\.ts$|\.test\.helper\.ts$/.test(file))
    .filter((file) => !/^codes[\\/]/.test(file))
    .map((file) => readFileSync(join(folder, file), 'utf8'));
});

function matches(pattern: RegExp): string[] {
  const found = sources.flatMap((text) => [...text.matchAll(pattern)].map(([, code = '']) => code));
  return [...new Set(found)].sort();
}

const table = runningCodes();
const pages = new Map([
  ...Object.entries(table).map(([code, page]) => [code, codePageToMarkdown(code, page)] as const),
  ['VF9xx', bugsToMarkdown()],
]);

test('docs/errors.md explains every code of running and the defects, and no other', () => {
  if (process.env.VFLAIR_UPDATE === '1') {
    const others = [...sectionsOf(readFileSync(path, 'utf8'))].filter(([code]) => !isOurs(code));
    const all = [...others, ...pages].sort(([a], [b]) => (a < b ? -1 : 1));
    writeFileSync(path, `${all.map(([, section]) => section).join('\n\n')}\n`);
  }
  const written = [...sectionsOf(readFileSync(path, 'utf8'))].filter(([code]) => isOurs(code));
  expect(new Map(written)).toEqual(pages);
});

test('every code of running that is used is explained, and every explained code is used', () => {
  expect(matches(/['"`](VF5\d\d)['"`]/g)).toEqual([...Object.keys(table)]);
});

test('comments and messages name only codes that are explained', () => {
  const known = Object.keys(mergeCodes(languageCodes(), table));
  expect(matches(/(VF[1-5]\d\d)(?!\d)/g).filter((code) => !known.includes(code))).toEqual([]);
});

test('every defect is in one area, and every area has a defect', () => {
  const numbers = matches(/['"`]VF(9\d\d)['"`]/g).map(Number);
  const areas = numbers.map((n) => bugAreas.filter(({ first, last }) => first <= n && n <= last));
  expect(areas.map((found) => found.length)).toEqual(numbers.map(() => 1));
  expect(new Set(areas.flat())).toEqual(new Set(bugAreas));
});

test.each(Object.entries(table))(
  '%s: a title is a phrase, an explanation a sentence',
  (_, page) => {
    expect(page.title).toMatch(/^[a-z`].*[^.]$/);
    expect(page.explanation).toMatch(/^[A-Z`\d].*[.…]$/s);
    expect(page.wrong).not.toBe(page.right);
  },
);

const texts = Object.entries(table).filter(([, { language }]) => language === undefined);

// Without plugins and files names are unknown (VF2xx); the text and the fields of statements are checked all the same.
test.each(texts)('%s: its examples are written in the language', (_, { wrong, right }) => {
  const found = [wrong, right].flatMap((example) => {
    const source = { name: 'a', text: `pipeline a {\n${example}\n}` };
    return compile({ source, catalog: { entries: [] } }).diagnostics;
  });
  const codes = found.map(({ code, message }) => `${code}: ${message}`);
  expect(codes.filter((code) => /^VF[14]/.test(code))).toEqual([]);
});

const place = mkdtempSync(join(tmpdir(), 'vflair-codes-'));
afterAll(() => rmSync(place, { recursive: true, force: true }));

/** What reads an example: its file's name, and what is done with the folder it is in. */
interface Reading {
  readonly file: string;
  readonly read: (folder: string) => unknown;
}

const whole = { n_embd: 8, n_head: 2, n_layer: 1, n_positions: 8, vocab_size: 16 };

async function readGpt2(folder: string): Promise<unknown> {
  const own: unknown = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'));
  const family = await findFamily('gpt2');
  return family?.read({ ...whole, ...(typeof own === 'object' ? own : {}) }, 'lm');
}

/** Opens `header` as a safetensors file with 16 bytes of data. */
function openHeader(folder: string): unknown {
  writeSafetensors(join(folder, 'w.safetensors'), readFileSync(join(folder, 'header.json')));
  return openCheckpoint(join(folder, 'w.safetensors')).close();
}

function writeSafetensors(file: string, header: Buffer): void {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  writeFileSync(file, Buffer.concat([length, header, Buffer.alloc(16)]));
}

function openShards(folder: string): unknown {
  const header = '{"w":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}';
  writeSafetensors(join(folder, 'shard.safetensors'), Buffer.from(header));
  return openCheckpoint(folder).close();
}

const rowsOf = (file: string): Reading => ({
  file,
  read: (folder) => readRows(join(folder, file), { labels: 2 }),
});
const header: Reading = { file: 'header.json', read: openHeader };
const config: Reading = { file: 'config.json', read: readModelConfig };
const family: Reading = { file: 'config.json', read: readGpt2 };

const noTokens = createTokenizer({
  ...{ added_tokens: [], normalizer: null, pre_tokenizer: null, decoder: null },
  ...{ post_processor: null, model: { type: 'BPE', vocab: { a: 0 }, merges: [] } },
});

const readings: { readonly [code: string]: Reading } = {
  VF512: header,
  VF513: header,
  VF514: header,
  VF515: header,
  VF516: { file: 'model.safetensors.index.json', read: openShards },
  VF521: config,
  VF522: config,
  VF523: config,
  VF526: { file: 'tokenizer.json', read: loadTokenizer },
  VF528: { file: 'tokenizer_config.json', read: (place) => loadChatTemplate(place, noTokens) },
  VF530: family,
  VF531: family,
  VF532: family,
  VF541: rowsOf('rows.tsv'),
  VF543: rowsOf('rows.tsv'),
  VF544: rowsOf('rows.tsv'),
  VF545: rowsOf('rows.csv'),
};

async function codesOf(name: string, text: string, { file, read }: Reading): Promise<string[]> {
  const folder = join(place, name);
  mkdirSync(folder);
  writeFileSync(join(folder, file), text);
  try {
    await read(folder);
    return [];
  } catch (error) {
    if (error instanceof Findings) return error.diagnostics.map(({ code }) => code);
    throw error;
  }
}

const examples = Object.entries(readings).map(
  ([code, reading]): [string, CodePage | undefined, Reading] => [code, table[code], reading],
);

test.each(examples)(
  '%s: its wrong example has it, its right one has nothing',
  async (code, page, reading) => {
    expect(await codesOf(`${code}-wrong`, page?.wrong ?? '', reading)).toEqual([code]);
    expect(await codesOf(`${code}-right`, page?.right ?? '', reading)).toEqual([]);
  },
);
