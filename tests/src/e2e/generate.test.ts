import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { RunRecord } from '@vflair/core/contract';
import { asInt, intTensor, randomStream } from '@vflair/core/tensor';
import { present } from '@vflair/core/text';
import { loadModel, loadTokenizer } from '@vflair/models';
import { beforeAll, expect, test } from 'vitest';
import { generate } from '../../../packages/models/src/trace/generate.js';
import { localModel } from '../../../packages/models/src/trace/local-model.js';
import { type Ended, start, tinyFolders, vflair } from './command.js';

const tinyFolder = tinyFolders();
let folder: string;

/** The tiny GPT-2 at two parties; what the adversary may know is left open. */
const chat = (name: string, knows: string, more = ''): string => `pipeline ${name} {
  seed 7
  model "./gpt2"
  data "./rows.tsv" { test 4, max-length 16 }
  task generation { max-tokens 8 }
  party client {
    holds data
    slice head = embed .. block 0
    slice tail = block 2 .. output
  }
  party server { slice body = block 1 .. block 1 }
  infer
  ${more}
  adversary curious at server {
    knows ${knows}
    sees activations
  }
}
`;

beforeAll(() => {
  folder = tinyFolder();
  const texts = [
    chat('open', 'architecture, tokenizer, pretrained head'),
    chat('closed', 'architecture'),
    chat(
      'noisy',
      'architecture, tokenizer, pretrained head',
      'defend head -> body with dp { mechanism gaussian, epsilon 1, delta 1e-5, clip 1 }',
    ),
  ];
  writeFileSync(path.join(folder, 'chat.vflair'), texts.join('\n'));
});

const prompt = 'the buyer paid';

const ask = (...words: readonly string[]): Promise<Ended> =>
  vflair(folder, 'generate', 'chat.vflair', '--prompt', prompt, ...words);

/** The greedy answer of the model in one piece. */
async function wholeAnswer(count: number): Promise<string> {
  const model = path.join(folder, 'gpt2');
  const tokenizer = loadTokenizer(model);
  const random = randomStream('whole');
  const loaded = await loadModel(model, 'lm', { cache: path.join(folder, '.cache'), random });
  const { spec } = loaded;
  const whole = localModel({
    ...{ spec, cuts: [], optimizer: { learningRate: 0, weightDecay: 0 }, session: {} },
    weights: () => ({ stored: loaded.stored, trained: new Map(), adapters: new Map() }),
  });
  const { ids } = tokenizer.encode(prompt);
  const shape = [1, ids.length];
  const prompts = {
    ids: intTensor(shape, [...ids]),
    mask: intTensor(
      shape,
      ids.map(() => 1),
    ),
  };
  const results = await generate(whole, { prompts, next: undefined }, count);
  await whole.close();
  loaded.close();
  return tokenizer.decode([...asInt(present(results.get('generated'))).data].map(Number));
}

test('the answer on stdout is that of the whole model, the speed is told on stderr', async () => {
  const { code, stdout, stderr } = await ask('--max-tokens', '5');
  expect(code).toBe(0);
  expect(stdout).toBe(`${await wholeAnswer(5)}\n`);
  expect(stderr).toMatch(/^5 tokens, [\d.]+ tokens\/s, [\d.]+ kB crossed\n$/);
});

test('an adversary who knows the head reads prompt and answer, all but the token that goes nowhere', async () => {
  const { code, stdout, stderr } = await ask('--show-server');
  expect(code).toBe(0);
  const answer = stdout.trimEnd();
  const [, right, of] =
    /curious with causal-inversion; (\d+) of (\d+) tokens right/.exec(stderr) ?? [];
  expect(Number(right)).toBe(Number(of));
  expect(stderr).toContain(`  prompt: ${JSON.stringify(prompt)}`);
  const read: string = JSON.parse(/ {2}answer: (".*")/.exec(stderr)?.[1] ?? '""');
  expect(answer.startsWith(read)).toBe(true);
  expect(read.length).toBeGreaterThan(answer.length / 2);
});

test('with noise on what is sent the reader is wrong about it, and as JSON all is one object', async () => {
  const { stdout } = await ask('--pipeline', 'noisy', '--show-server', '--json');
  const {
    server,
    pipeline,
    tokens,
  }: { server: { right: number; of: number }; pipeline: string; tokens: number } =
    JSON.parse(stdout);
  expect(pipeline).toBe('noisy');
  expect(server.of).toBeGreaterThan(tokens);
  expect(server.right).toBeLessThan(server.of / 2);
});

test('where nobody is granted what reading takes nothing is made up', async () => {
  const { code, stderr } = await ask('--pipeline', 'closed', '--show-server');
  expect(code).toBe(0);
  expect(stderr).toContain(
    'nothing to show: pipeline `closed` grants no adversary what reading takes',
  );
  expect(stderr).not.toContain('could read');
});

test('a chat template is used where there is one, and `--chat` without one is refused', async () => {
  const refused = await ask('--chat');
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('error VF587: the model has no chat template');
  const template = path.join(folder, 'gpt2', 'chat_template.jinja');
  writeFileSync(template, '{{ messages[0].content }} on day');
  const [chatted, raw] = [await ask('--json'), await ask('--raw', '--json')];
  expect(JSON.parse(chatted.stdout)).toMatchObject({ chat: true });
  expect(JSON.parse(raw.stdout)).toMatchObject({ chat: false });
  const promptTokens = ({ stdout }: Ended): number => JSON.parse(stdout).promptTokens;
  expect(promptTokens(chatted)).toBeGreaterThan(promptTokens(raw));
  expect(readFileSync(template, 'utf8')).toContain('messages');
});

test('what a run keeps of a batch of prompts of several lengths is read row by row without a mistake', async () => {
  const text = chat('open', 'architecture, tokenizer, pretrained head').replace(
    /\}\n$/,
    '  attack curious with causal-inversion on generate { samples 10 }\n}\n',
  );
  writeFileSync(path.join(folder, 'run.vflair'), text.replace('test 4', 'test 12'));
  const { code } = await vflair(folder, 'run', 'run.vflair', '--out', 'run');
  expect(code).toBe(0);
  const lines = readFileSync(path.join(folder, 'run', 'records.jsonl'), 'utf8')
    .trim()
    .split('\n');
  const records = lines.map((line): RunRecord => JSON.parse(line));
  const found = records.filter(
    ({ kind, name }) => kind === 'attack' && name === 'positional-accuracy',
  );
  expect(found.map(({ value, at }) => [value, at])).toEqual([[1, 'generate']]);
});

test('an interrupt ends with 130', async () => {
  const words = [
    'generate',
    'chat.vflair',
    '--prompt',
    prompt,
    '--show-server',
    '--max-tokens',
    '25',
  ];
  const temporary = path.join(folder, 'temporary');
  mkdirSync(temporary);
  const run = start(folder, words, { TMPDIR: temporary });
  run.process.stdout?.once('data', () => run.process.kill('SIGINT'));
  const { code, stderr } = await run.ended;
  expect(stderr).toContain('interrupted');
  expect(code).toBe(130);
  expect(readdirSync(temporary).filter((name) => name.startsWith('vflair-answer'))).toEqual([]);
});
