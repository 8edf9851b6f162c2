import { expect, test } from 'vitest';
import { type CheckInput, checkText, compile, planDigest } from './index.js';
import { testCatalog } from './testing/catalog.js';
import { filesOf } from './testing/files.js';

const files = filesOf({
  './rows.tsv': '',
  './weights/config.json': '{"model_type":"gpt2","n_layer":4}',
  '../here/./mine/config.json': '{"model_type":"gpt2","n_layer":6}',
  './lib/base.vflair': 'import "./words.vflair"',
  './lib/words.vflair': 'let dataset = "mails"\nlet broken = 10k',
});

const scene = `
  data "sst2"
  task classification { labels 2 }
  party client {
    holds data, labels
    slice head = embed .. block 0
    slice tail = block 3 .. output
  }
  party server { slice body = block 1 .. block 2 }
  finetune lora
`;
const run = (text: string, more: Partial<CheckInput> = {}) =>
  compile({ source: { name: 'a.vflair', text }, catalog: testCatalog, files, ...more });
const codesOf = (text: string, more: Partial<CheckInput> = {}) =>
  run(text, more).diagnostics.map(({ code }) => code);
const modelOf = (text: string, set: readonly (readonly [string, string])[] = []) =>
  run(text, { set: new Map(set) }).plan?.pipelines[0]?.model;

const withLet = `let weights = "tiny-gpt2"\npipeline p {\n  model weights${scene}}`;

test('a let stands for its value, and --set overrides it', () => {
  expect(modelOf(withLet)?.ref).toBe('tiny-gpt2');
  expect(modelOf(withLet, [['weights', '"gpt2"']])).toMatchObject({ ref: 'gpt2', blocks: 12 });
  expect(modelOf(withLet, [['weights', 'gpt2']])?.ref).toBe('gpt2');
});

test('a path of --set is relative to the current folder, one of the text to the file', () => {
  const inText = withLet.replace('"tiny-gpt2"', '"./weights"');
  expect(modelOf(inText)).toMatchObject({ kind: 'folder', ref: './weights', blocks: 4 });
  const set = run(inText, { set: new Map([['weights', './mine']]) });
  expect(set.plan?.pipelines[0]?.model).toMatchObject({ ref: '../here/./mine', blocks: 6 });
});

test('--set of a name that no let has is a finding without a place', () => {
  const { diagnostics } = run(withLet, { set: new Map([['weight', '1']]) });
  expect(diagnostics).toMatchObject([{ code: 'VF214', hint: 'did you mean `weights`?' }]);
  expect(diagnostics[0]?.at).toBeUndefined();
});

test('a value of --set is checked where it is used', () => {
  const text = `let n = 10\n${withLet.replace('data "sst2"', 'data "sst2" { train n }')}`;
  expect(run(text, { set: new Map([['n', '25']]) }).plan?.pipelines[0]?.data.train).toBe(25);
  expect(codesOf(text, { set: new Map([['n', 'many']]) })).toEqual(['VF403']);
});

test('a field’s own word wins over a let of the same name', () => {
  const defended = `let gaussian = "laplace"\n${withLet.replace(/\}$/, '  defend head -> body with dp { epsilon 8, mechanism gaussian }\n}')}`;
  const chain = run(defended).plan?.pipelines[0]?.defenses[0]?.chain;
  expect(chain?.[0]?.params.mechanism).toBe('gaussian');
});

test('keywords may be names', () => {
  const text = `let let = "tiny-gpt2"\npipeline pipeline {\n  model let${scene}}`;
  expect(run(text).plan?.pipelines[0]).toMatchObject({
    name: 'pipeline',
    model: { ref: 'tiny-gpt2' },
  });
});

test('lets are imported through files that import', () => {
  const text = `import "./lib/base.vflair"\n${withLet.replace('"sst2"', 'dataset')}`;
  const { diagnostics } = run(text);
  expect(diagnostics).toMatchObject([{ code: 'VF103', source: { name: 'lib/words.vflair' } }]);
});

test('only the pipelines asked for are in the plan', () => {
  const two = `${withLet}\npipeline q extends p {\n  seed 2\n}`;
  expect(run(two).plan?.pipelines.map(({ name }) => name)).toEqual(['p', 'q']);
  expect(run(two, { only: ['q'] }).plan?.pipelines.map(({ name }) => name)).toEqual(['q']);
  expect(codesOf(two, { only: ['r'] })).toEqual(['VF209']);
});

test('a check finds the same and makes no plan', () => {
  const { plan, ...compiled } = run(withLet);
  const source = { name: 'a.vflair', text: withLet };
  const checked = checkText({ source, catalog: testCatalog, files });
  expect(plan?.pipelines).toHaveLength(1);
  expect(Object.keys(checked)).toEqual(Object.keys(compiled));
  expect(checked.pipelines).toHaveLength(1);
  expect(checked.diagnostics).toEqual(compiled.diagnostics);
});

test('a text without a pipeline has nothing to run', () => {
  expect(codesOf('')).toEqual(['VF301']);
  expect(codesOf('let a = 1')).toEqual(['VF301']);
});

test('what an extending pipeline takes over is found once, and says for which', () => {
  const text = `${withLet}\npipeline q extends p {\n  model "tiny-bert"\n  attack none\n}\npipeline r extends p {\n  party server { slice body = block 1 .. block 1 }\n}`;
  const { diagnostics } = run(text);
  expect(diagnostics).toMatchObject([
    { code: 'VF303', related: [{}, { message: 'in pipeline `r`, which extends `p`' }] },
  ]);
});

test('order of words and spaces do not change the plan', () => {
  const a = run(withLet).plan;
  const b = run(withLet.replace('data, labels', 'labels,data').replaceAll('  ', '\t')).plan;
  expect(a && planDigest(a)).toBe(b && planDigest(b));
  expect(a && planDigest(a)).toMatch(/^[0-9a-f]{64}$/);
});

test('bits of a slice are in the plan where they are written, and nowhere else', () => {
  const slice = 'slice body = block 1 .. block 2';
  expect(withLet).toContain(slice);
  const written = withLet.replace(slice, `${slice} { quantize bits }`);
  const slices = run(`let bits = 4\n${written}`).plan?.pipelines[0]?.slices;
  expect(slices?.map(({ quantize }) => quantize)).toEqual([undefined, 4, undefined]);
  const plain = run(withLet).plan?.pipelines[0]?.slices ?? [];
  expect(plain.filter((one) => 'quantize' in one)).toEqual([]);
});

test('a text that ends in the middle of a statement has one finding for it', () => {
  expect(codesOf(`${withLet.slice(0, -1)}  attack a with`)).toEqual(['VF105', 'VF108']);
});

test('a file of a thousand lines compiles in 50 ms once warm', () => {
  const pipelines = Array.from({ length: 90 }, (_, i) =>
    withLet.replace(/^let.*\n/, '').replace('pipeline p', `pipeline p-${i}`),
  );
  const text = `let weights = "tiny-gpt2"\n${pipelines.join('\n')}`;
  expect(text.split('\n').length).toBeGreaterThanOrEqual(1000);
  // Time of the processor, so that whoever else uses the machine does not count.
  const times = Array.from({ length: 12 }, () => {
    const before = process.cpuUsage();
    expect(run(text).plan?.pipelines).toHaveLength(90);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  expect(Math.min(...times)).toBeLessThan(50);
});
