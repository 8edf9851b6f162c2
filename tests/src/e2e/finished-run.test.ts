import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { type Ended, tinyFolders, vflair } from './command.js';
import { expectFits, recordSchema, reportSchema } from './formats.js';
import { pipelineText } from './tiny-folder.js';

const tinyFolder = tinyFolders();
let folder: string;
let first: Ended;

const others = `
pipeline sparse extends plain {
  defend head -> body with sparsify { rate 0.5 }
}
pipeline chat {
  model "./gpt2"
  data "./rows.tsv" { test 4, max-length 10 }
  task generation { max-tokens 3 }
  party client { holds data; slice head = embed .. block 0 }
  party server { slice rest = block 1 .. output }
  infer
}
`;
const three = pipelineText() + others;

/** A file of the run in `out`. */
const fileOf = (name: string, out = 'out'): string =>
  readFileSync(path.join(folder, out, name), 'utf8');
const lockOf = (out: string): { transcriptDigest: string; recordsDigest: string } => {
  const { transcriptDigest, recordsDigest } = JSON.parse(fileOf('lock.json', out));
  return { transcriptDigest, recordsDigest };
};

beforeAll(async () => {
  folder = tinyFolder();
  writeFileSync(path.join(folder, 'three.vflair'), three);
  first = await vflair(folder, 'run', 'three.vflair', '--out', 'out', '--json', '--offline');
});

const kinds = [
  'task',
  'baseline',
  'attack',
  'oracle',
  'privacy',
  'bytes',
  'timing',
  'example',
  'note',
];

test('a run is believed and leaves its files, and nothing half-written', () => {
  expect(first.stderr).toContain('believed: all');
  expect(first.code).toBe(0);
  const names = readdirSync(path.join(folder, 'out'), { recursive: true }).map(String);
  expect(names).toEqual(
    expect.arrayContaining([
      'plan.json',
      'lock.json',
      'records.jsonl',
      'report.html',
      'report.md',
      'report.json',
      'transcript/index.jsonl',
    ]),
  );
  expect(names.filter((name) => name.endsWith('.tmp'))).toEqual([]);
});

test('--json puts the report on stdout, and nothing else', () => {
  expect(JSON.parse(first.stdout)).toEqual(JSON.parse(fileOf('report.json')));
});

test('records, index and report have the documented form', () => {
  const records = fileOf('records.jsonl')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  for (const record of records) expectFits(recordSchema, record);
  expect(new Set(records.map(({ kind }) => kind))).toEqual(new Set(kinds));
  expectFits(reportSchema, JSON.parse(fileOf('report.json')));
  const [entry] = fileOf('transcript/index.jsonl').split('\n');
  expect(Object.keys(JSON.parse(entry ?? ''))).toEqual(
    expect.arrayContaining([
      'step',
      'from',
      'to',
      'kind',
      'shape',
      'dtype',
      'sha256',
      'bytes',
      'file',
    ]),
  );
});

test('the page loads nothing from a network', () => {
  const page = fileOf('report.html');
  expect(page).not.toMatch(/(src|href|action)\s*=\s*["']?\s*(https?:)?\/\//i);
  expect(page).not.toMatch(/url\(\s*["']?\s*(https?:)?\/\//i);
  expect(page).not.toMatch(/@import|<link|fetch\(|XMLHttpRequest|WebSocket|sendBeacon|import\(/i);
});

test('a report is made again from the records, byte for byte', async () => {
  const names = ['report.html', 'report.md', 'report.json'];
  const before = names.map((name) => fileOf(name));
  for (const name of names) writeFileSync(path.join(folder, 'out', name), '');
  const { code, stdout } = await vflair(folder, 'report', 'out');
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  expect(names.map((name) => fileOf(name))).toEqual(before);
});

test('a report goes to stdout in each format', async () => {
  const printed = async (format: string): Promise<string> =>
    (await vflair(folder, 'report', 'out', '--format', format)).stdout;
  expect(await printed('md')).toBe(`${fileOf('report.md')}\n`);
  expect(JSON.parse(await printed('json'))).toEqual(JSON.parse(fileOf('report.json')));
  expect(await printed('html')).toBe(`${fileOf('report.html')}\n`);
  const [head, ...rows] = (await printed('csv')).trimEnd().split('\n');
  expect(head).toContain('pipeline');
  expect(rows.length).toBeGreaterThan(0);
  expect((await vflair(folder, 'report', 'out', '--format', 'pdf')).code).toBe(2);
});

test('a finished run is left as it is, and its report is named', async () => {
  const lock = fileOf('lock.json');
  const { code, stderr, stdout } = await vflair(
    folder,
    'run',
    'three.vflair',
    '--out',
    'out',
    '--json',
  );
  expect(stderr).toContain('out/report.html');
  expect(JSON.parse(stdout)).toEqual(JSON.parse(fileOf('report.json')));
  expect(code).toBe(0);
  expect(fileOf('lock.json')).toBe(lock);
});

test('a folder with the run of another plan is refused', async () => {
  const { code, stderr } = await vflair(folder, 'run', 'plain.vflair', '--out', 'out');
  expect(stderr).toContain('`out` holds a run of another plan');
  expect(code).toBe(2);
});

test('the compiled plan, in another folder and with two jobs, gives the same digests', async () => {
  await vflair(folder, 'compile', 'three.vflair', '-o', 'plan.json');
  const { code } = await vflair(folder, 'run', 'plan.json', '--out', 'other', '--jobs', '2');
  expect(code).toBe(0);
  expect(fileOf('plan.json', 'other')).toBe(fileOf('plan.json'));
  expect(lockOf('other')).toEqual(lockOf('out'));
});

test('starting over gives the same digests', async () => {
  writeFileSync(path.join(folder, 'other', 'stages', 'left-over.json'), '{}');
  const { code } = await vflair(folder, 'run', 'plan.json', '--out', 'other', '--again');
  expect(code).toBe(0);
  expect(readdirSync(path.join(folder, 'other', 'stages'))).not.toContain('left-over.json');
  expect(lockOf('other')).toEqual(lockOf('out'));
});

test('without attacks the parties exchange the same messages', async () => {
  writeFileSync(path.join(folder, 'quiet.vflair'), pipelineText({ attacks: '' }) + others);
  const { code, stdout, stderr } = await vflair(
    folder,
    'run',
    'quiet.vflair',
    '--out',
    'quiet',
    '--quiet',
  );
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(lockOf('quiet').transcriptDigest).toBe(lockOf('out').transcriptDigest);
});

test('a run that is as it was made is verified', async () => {
  const { code, stdout } = await vflair(folder, 'verify', 'out', '--json');
  expect(JSON.parse(stdout)).toMatchObject({ verified: true, ...lockOf('out') });
  expect(code).toBe(0);
});

/** One bit of a file, in the middle or where `within` stands. */
function flipBit(file: string, within?: string): void {
  const bytes = readFileSync(file);
  const at = within === undefined ? bytes.length >> 1 : bytes.indexOf(within) + within.length;
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  writeFileSync(file, bytes);
}

const keptTensor = (): string => {
  const lines = fileOf('transcript/index.jsonl').trimEnd().split('\n');
  const files: string[] = lines.map((line) => JSON.parse(line).file);
  return `transcript/${files.find((file) => file !== '')}`;
};

test.each([
  ['a transcript tensor', keptTensor, undefined],
  ['the index of the transcript', () => 'transcript/index.jsonl', undefined],
  ['a figure', () => 'records.jsonl', '"value":'],
  ['a timing', () => 'records.jsonl', '"kind":"timing","name":"train","value":'],
  ['the plan', () => 'plan.json', '"seed":'],
  ['a brace of the plan', () => 'plan.json', ']'],
])('one bit of %s is noticed and named', async (_, name, within) => {
  const copy = path.join(folder, 'copy');
  cpSync(path.join(folder, 'out'), copy, { recursive: true });
  flipBit(path.join(copy, name()), within);
  const { code, stdout, stderr } = await vflair(folder, 'verify', 'copy', '--json');
  expect(stderr).toContain('not verified:');
  expect(JSON.parse(stdout)).toMatchObject({ verified: false });
  expect(JSON.parse(stdout).difference).toContain(name());
  expect(code).toBe(4);
});

test('a run whose rows were changed since is not verified, and the file is named', async () => {
  const rows = path.join(folder, 'rows.tsv');
  const text = readFileSync(rows, 'utf8');
  writeFileSync(rows, text.replace('bank', 'tank'));
  const { code, stderr } = await vflair(folder, 'verify', 'out');
  writeFileSync(rows, text);
  expect(stderr).toContain('`./rows.tsv` of the data');
  expect(code).toBe(4);
});
