import { existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { tinyFolders, vflair } from './command.js';
import { pipelineText } from './tiny-folder.js';

const tinyFolder = tinyFolders();

/** What a run says in a folder where something was done to it; there must be nothing that looks like a run. */
async function refused(
  spoil: (folder: string) => void,
): Promise<{ code: number | null; said: string }> {
  const folder = tinyFolder();
  spoil(folder);
  const { code, stdout, stderr } = await vflair(folder, 'run', 'plain.vflair');
  expect(stdout).toBe('');
  expect(existsSync(path.join(folder, 'runs'))).toBe(false);
  return { code, said: stderr };
}

const weights = (folder: string): string => path.join(folder, 'bert', 'model.safetensors');

/** The JSON header of a safetensors file, changed, with the data as they were. */
function changeHeader(
  file: string,
  change: (header: Record<string, { dtype: string; data_offsets: [number, number] }>) => void,
): void {
  const bytes = readFileSync(file);
  const length = Number(bytes.readBigUInt64LE());
  const header = JSON.parse(bytes.subarray(8, 8 + length).toString());
  change(header);
  const text = Buffer.from(JSON.stringify(header).padEnd(length));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(text.length));
  writeFileSync(file, Buffer.concat([size, text, bytes.subarray(8 + length)]));
}

const firstKey = 'bert.encoder.layer.0.attention.self.query.weight';
const otherKey = 'bert.encoder.layer.0.attention.self.key.weight';

function changeConfig(folder: string, change: (config: Record<string, unknown>) => void): void {
  const file = path.join(folder, 'bert', 'config.json');
  const config = JSON.parse(readFileSync(file, 'utf8'));
  change(config);
  writeFileSync(file, JSON.stringify(config));
}

/** One line of `rows.tsv` in place of another. */
function changeRow(folder: string, line: number, change: (row: string) => string): void {
  const file = path.join(folder, 'rows.tsv');
  const rows = readFileSync(file, 'utf8').split('\n');
  rows[line - 1] = change(rows[line - 1] ?? '');
  writeFileSync(file, rows.join('\n'));
}

interface Case {
  readonly what: string;
  readonly spoil: (folder: string) => void;
  readonly code: string;
  /** What the message names. */
  readonly names: string;
}

const models: readonly Case[] = [
  {
    what: 'a folder without weights',
    spoil: (folder) => rmSync(weights(folder)),
    code: 'VF510',
    names: 'has no weights',
  },
  {
    what: 'weights whose header is cut short',
    spoil: (folder) => truncateSync(weights(folder), 100),
    code: 'VF511',
    names: 'the file has 100',
  },
  {
    what: 'weights whose data are cut short',
    spoil: (folder) => truncateSync(weights(folder), 30_000),
    code: 'VF515',
    names: 'which has 30000',
  },
  {
    what: 'a tensor beyond the end of the file',
    spoil: (folder) =>
      changeHeader(weights(folder), (header) => {
        const tensor = header[firstKey];
        if (tensor) tensor.data_offsets = [9_000_000, 9_004_096];
      }),
    code: 'VF51',
    names: firstKey,
  },
  {
    what: 'two tensors that overlap',
    spoil: (folder) =>
      changeHeader(weights(folder), (header) => {
        const [tensor, other] = [header[firstKey], header[otherKey]];
        if (tensor && other) tensor.data_offsets = other.data_offsets;
      }),
    code: 'VF51',
    names: 'attention.self',
  },
  {
    what: 'a tensor of a type weights don’t have',
    spoil: (folder) =>
      changeHeader(weights(folder), (header) => {
        const tensor = header[firstKey];
        if (tensor) tensor.dtype = 'I32';
      }),
    code: 'VF51',
    names: firstKey,
  },
  {
    what: 'a config without a size',
    spoil: (folder) =>
      changeConfig(folder, (config) => {
        delete config.hidden_size;
      }),
    code: 'VF530',
    names: '`hidden_size`',
  },
  {
    what: 'a config whose sizes contradict each other',
    spoil: (folder) =>
      changeConfig(folder, (config) => {
        config.num_attention_heads = 3;
      }),
    code: 'VF523',
    names: '`num_attention_heads` 3',
  },
  {
    what: 'a config of another checkpoint',
    spoil: (folder) =>
      changeConfig(folder, (config) => {
        config.hidden_size = 64;
      }),
    code: 'VF534',
    names: 'word_embeddings.weight',
  },
  {
    what: 'a folder without tokenizer',
    spoil: (folder) => rmSync(path.join(folder, 'bert', 'tokenizer.json')),
    code: 'VF525',
    names: 'tokenizer.json',
  },
  {
    what: 'a tokenizer of another model',
    spoil: (folder) =>
      writeFileSync(
        path.join(folder, 'bert', 'tokenizer.json'),
        readFileSync(path.join(folder, 'gpt2', 'tokenizer.json')),
      ),
    code: 'VF527',
    names: 'the tokenizer has',
  },
  {
    what: 'a tokenizer that is no JSON',
    spoil: (folder) => writeFileSync(path.join(folder, 'bert', 'tokenizer.json'), '{'),
    code: 'VF526',
    names: 'tokenizer.json',
  },
];

test.each(models)('$what stops the run before it starts', async ({ spoil, code, names }) => {
  const ended = await refused(spoil);
  expect(ended.said).toContain(`error ${code}`);
  expect(ended.said).toContain(names);
  expect(ended.said).toContain('hint:');
  expect(ended.code).toBe(3);
});

const rows: readonly Case[] = [
  {
    what: 'an empty data file',
    spoil: (folder) => writeFileSync(path.join(folder, 'rows.tsv'), ''),
    code: 'VF541',
    names: 'rows.tsv',
  },
  {
    what: 'a data file with nothing but a header',
    spoil: (folder) => writeFileSync(path.join(folder, 'rows.tsv'), 'text\tlabel\n'),
    code: 'VF541',
    names: 'no rows',
  },
  {
    what: 'a row without label',
    spoil: (folder) => changeRow(folder, 5, (row) => row.replace(/\t.*/, '')),
    code: 'VF543',
    names: 'line 5 of',
  },
  {
    what: 'a row with a label out of range',
    spoil: (folder) => changeRow(folder, 7, (row) => row.replace(/\t.*/, '\t9')),
    code: 'VF544',
    names: 'line 7 of',
  },
  {
    what: 'a row without text',
    spoil: (folder) => changeRow(folder, 3, (row) => row.replace(/.*\t/, '\t')),
    code: 'VF543',
    names: 'line 3 of',
  },
];

test.each(rows)('$what stops the run before it starts', async ({ spoil, code, names }) => {
  const ended = await refused(spoil);
  expect(ended.said).toContain(`error ${code}`);
  expect(ended.said).toContain(names);
  expect(ended.code).toBe(3);
});

test.each([
  ['a model folder without config.json', 'bert/config.json', 'VF219'],
  ['a data file', 'rows.tsv', 'VF212'],
])('%s that the text names and that is not there is found in the text', async (_, file, code) => {
  const ended = await refused((folder) => rmSync(path.join(folder, file)));
  expect(ended.said).toContain(`error ${code}`);
  expect(ended.said).toContain('--> plain.vflair:');
  expect(ended.code).toBe(1);
});

test('an empty text says that it has no pipeline', async () => {
  const ended = await refused((folder) => writeFileSync(path.join(folder, 'plain.vflair'), ''));
  expect(ended.said).toContain('error VF301');
  expect(ended.code).toBe(1);
});

test('a device that can’t be had is refused before anything starts, with what to install', async () => {
  const ended = await refused((folder) =>
    writeFileSync(path.join(folder, 'plain.vflair'), pipelineText({ device: 'cuda:0' })),
  );
  expect(ended.said).toMatch(/error VF55[67]: device `cuda/);
  expect(ended.said).toMatch(/hint: (install CUDA|write one of)/);
  expect(ended.code).toBe(3);
});

test('weights that are not a number end the run at the first step, and say where', async () => {
  const folder = tinyFolder();
  changeFirstWeight(weights(folder), Number.NaN);
  const { code, stderr } = await vflair(folder, 'run', 'plain.vflair');
  expect(stderr).toMatch(/error VF(5\d\d): .*(NaN|not a number)/);
  expect(code).toBe(3);
});

function changeFirstWeight(file: string, value: number): void {
  const bytes = readFileSync(file);
  const start = 8 + Number(bytes.readBigUInt64LE());
  bytes.writeFloatLE(value, start);
  writeFileSync(file, bytes);
}

test('a loss that is not a number ends the run at its step, and names the party', async () => {
  const folder = tinyFolder();
  const finetune = 'rank 2, alpha 4, epochs 3, batch 8, learning-rate 1e38';
  writeFileSync(path.join(folder, 'plain.vflair'), pipelineText({ finetune, attacks: '' }));
  const { code, stderr } = await vflair(folder, 'run', 'plain.vflair');
  expect(stderr).toMatch(/error VF56[01]: the (loss at step \d+|gradient of `.*`).*party `\w+`/);
  expect(stderr).toContain('learning-rate');
  expect(stderr).toContain('`vflair run plain.vflair --resume` goes on');
  expect(code).toBe(3);
});

test('texts that are longer than allowed are cut, counted and reported', async () => {
  const folder = tinyFolder();
  const data = '"./rows.tsv" { train 16, test 16, max-length 7 }';
  writeFileSync(path.join(folder, 'plain.vflair'), pipelineText({ data, attacks: '' }));
  const { code, stderr } = await vflair(folder, 'run', 'plain.vflair', '--out', 'out');
  expect(stderr).toMatch(/warning VF547: \d+ of 16 texts are longer than 7 tokens and were cut/);
  expect(readFileSync(path.join(folder, 'out', 'report.html'), 'utf8')).toContain('VF547');
  expect(code).toBe(0);
});
