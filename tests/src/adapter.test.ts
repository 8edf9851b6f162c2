import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FloatTensor, floatTensor, zeros } from '@vflair/core/tensor';
import { Findings } from '@vflair/core/text';
import { findFamily, writeSafetensors } from '@vflair/models';
import { readAdapter } from '@vflair/models/trace';
import { afterAll, beforeAll, expect, test } from 'vitest';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vflair-adapter-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const config = {
  model_type: 'bert',
  hidden_size: 8,
  num_attention_heads: 2,
  num_hidden_layers: 2,
  max_position_embeddings: 12,
  vocab_size: 11,
  type_vocab_size: 2,
  intermediate_size: 16,
};
const base = 'base_model.model.bert.encoder.layer.0.attention.self';
const plain = {
  peft_type: 'LORA',
  r: 2,
  lora_alpha: 6,
  target_modules: ['query', 'value'],
  bias: 'none',
};

/** The LoRA pair of one module as PEFT stores it. */
function pairOf(module: string, rank = 2, size = 8): [string, FloatTensor][] {
  const a = floatTensor(
    [rank, size],
    Float32Array.from({ length: rank * size }, (_, i) => i),
  );
  return [
    [`${module}.lora_A.weight`, a],
    [`${module}.lora_B.weight`, zeros([size, rank])],
  ];
}

let count = 0;
async function read(options: object, tensors: [string, FloatTensor][] = pairOf(`${base}.query`)) {
  const path = join(folder, `${count++}`);
  mkdirSync(path);
  writeFileSync(join(path, 'adapter_config.json'), JSON.stringify({ ...plain, ...options }));
  writeSafetensors(join(path, 'adapter_model.safetensors'), new Map(tensors));
  const family = await findFamily('bert');
  if (!family) throw new Error('the bert family is missing');
  return readAdapter(path, family.read(config, 'cls', 3));
}

async function findingOf(options: object, tensors?: [string, FloatTensor][]): Promise<string> {
  const error: unknown = await read(options, tensors).catch((reason) => reason);
  return error instanceof Findings
    ? `${error.diagnostics[0]?.code}: ${error.diagnostics[0]?.message}`
    : 'none';
}

const query = 'bert.encoder.layer.0.attention.self.query.weight';

test('a pair sits on the weight of its module, scaled by alpha/r, or alpha/√r when rank-stabilised', async () => {
  const { pairs, fileKeys } = await read({});
  expect([...pairs.keys()]).toEqual([query]);
  expect(pairs.get(query)?.scale).toBe(3);
  expect(pairs.get(query)?.a).toEqual(pairOf('')[0]?.[1]);
  expect(Object.fromEntries(fileKeys)).toEqual({
    [`${query}#lora_A`]: `${base}.query.lora_A.weight`,
    [`${query}#lora_B`]: `${base}.query.lora_B.weight`,
  });
  const stabilised = await read({ use_rslora: true });
  expect(stabilised.pairs.get(query)?.scale).toBeCloseTo(6 / Math.sqrt(2), 12);
});

test('patterns give modules ranks and alphas of their own', async () => {
  const tensors = [...pairOf(`${base}.query`, 4), ...pairOf(`${base}.value`)];
  const value = query.replace('query', 'value');
  const patterns = {
    rank_pattern: { 'self.query': 4 },
    alpha_pattern: { 'layer\\.\\d+\\..*value': 10 },
  };
  const { pairs } = await read(patterns, tensors);
  expect(pairs.get(query)?.scale).toBe(6 / 4);
  expect(pairs.get(value)?.scale).toBe(10 / 2);
});

test('targets are a list of ends, an expression for the whole name, or all linear maps', async () => {
  for (const target_modules of [['self.query'], '.*\\.(query|key)', 'all-linear'])
    expect((await read({ target_modules })).pairs.size).toBe(1);
  for (const target_modules of [['key'], '.*\\.key', 'query'])
    expect(await findingOf({ target_modules })).toMatch(/^VF539: .*`target_modules` leaves it out/);
});

test('whole parameters it brings are kept under their own keys', async () => {
  const classifier = zeros([3, 8]);
  const { saved, fileKeys } = await read({ modules_to_save: ['classifier'] }, [
    ['base_model.model.classifier.weight', classifier],
  ]);
  expect(saved).toEqual(new Map([['classifier.weight', classifier]]));
  expect(fileKeys.get('classifier.weight')).toBe('base_model.model.classifier.weight');
});

test('options that change the mathematics are refused, those that only say how it began are not', async () => {
  const wrong = [
    { peft_type: 'LOHA' },
    { use_dora: true },
    { bias: 'all' },
    { lora_bias: true },
    { init_lora_weights: 'pissa' },
    { layer_replication: [[0, 1]] },
    { target_parameters: ['x'] },
    { r: 0 },
    { rank_pattern: { query: 0 } },
    { rank_pattern: { '(': 4 } },
    { target_modules: '(' },
  ];
  for (const options of wrong)
    expect(await findingOf(options), JSON.stringify(options)).toMatch(/^VF537/);
  const harmless = [
    { init_lora_weights: 'gaussian' },
    { fan_in_fan_out: true },
    { use_dora: null },
    { target_parameters: [] },
  ];
  for (const options of harmless)
    expect(await findingOf(options), JSON.stringify(options)).toBe('none');
});

test('tensors that fit neither config nor model are refused', async () => {
  expect(await findingOf({ r: 4 })).toMatch(/^VF539: .*has rank 2, adapter_config.json says 4/);
  expect(await findingOf({}, pairOf(`${base}.query`, 2, 6))).toMatch(/^VF539: .*does not fit/);
  expect(await findingOf({}, pairOf('base_model.model.bert.query'))).toMatch(
    /^VF538: .*`bert.query.weight`/,
  );
  expect(await findingOf({}, [[`${base}.query.lora_A.weight`, zeros([2, 8])]])).toMatch(/^VF517/);
  expect(await findingOf({}, [['base_model.model.classifier.weight', zeros([2, 8])]])).toMatch(
    /^VF539/,
  );
});

test('an adapter for question answering has never seen token types', async () => {
  expect((await read({ task_type: 'QUESTION_ANS' })).config.hasTokenTypes).toBe(false);
  expect((await read({ task_type: 'SEQ_CLS' })).config.hasTokenTypes).toBe(true);
});

test('a folder without a config is a finding', async () => {
  const family = await findFamily('bert');
  expect(() => family && readAdapter(join(folder, 'nowhere'), family.read(config, 'cls'))).toThrow(
    'VF537',
  );
});
