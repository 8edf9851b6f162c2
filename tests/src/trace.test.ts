import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import type { HeadKind } from '@vflair/core/contract';
import {
  type FloatTensor,
  floatTensor,
  intTensor,
  randomStream,
  type Tensor,
} from '@vflair/core/tensor';
import { Findings } from '@vflair/core/text';
import { writeSafetensors } from '@vflair/models';
import { type TraceOptions, trace } from '@vflair/models/trace';
import { afterAll, beforeAll, expect, test } from 'vitest';

const config = {
  model_type: 'gpt2',
  n_embd: 8,
  n_head: 2,
  n_layer: 2,
  n_positions: 12,
  vocab_size: 11,
  pad_token_id: 0,
  num_labels: 3,
};

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vflair-trace-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Shapes of the tiny GPT-2 by checkpoint key. */
function shapes(): Map<string, number[]> {
  const block = (i: number): [string, number[]][] => [
    [`h.${i}.ln_1.weight`, [8]],
    [`h.${i}.ln_1.bias`, [8]],
    [`h.${i}.ln_2.weight`, [8]],
    [`h.${i}.ln_2.bias`, [8]],
    [`h.${i}.attn.c_attn.weight`, [8, 24]],
    [`h.${i}.attn.c_attn.bias`, [24]],
    [`h.${i}.attn.c_proj.weight`, [8, 8]],
    [`h.${i}.attn.c_proj.bias`, [8]],
    [`h.${i}.mlp.c_fc.weight`, [8, 32]],
    [`h.${i}.mlp.c_fc.bias`, [32]],
    [`h.${i}.mlp.c_proj.weight`, [32, 8]],
    [`h.${i}.mlp.c_proj.bias`, [8]],
  ];
  return new Map([
    ['wte.weight', [11, 8]],
    ['wpe.weight', [12, 8]],
    ...block(0),
    ...block(1),
    ['ln_f.weight', [8]],
    ['ln_f.bias', [8]],
  ]);
}

function weights(prefix = 'transformer.'): Map<string, FloatTensor> {
  return new Map(
    [...shapes()].map(([key, shape]) => {
      const random = randomStream(`trace/${key}`);
      const middle = /ln_.*weight/.test(key) ? 1 : 0;
      const size = shape.reduce((product, axis) => product * axis, 1);
      const data = Float32Array.from({ length: size }, () => middle + 0.3 * random.normal());
      return [`${prefix}${key}`, floatTensor(shape, data)];
    }),
  );
}

const ids = [3, 7, 1, 9, 2, 5, 4, 0, 0, 0];
const inputs = (): Map<string, Tensor> =>
  new Map<string, Tensor>([
    ['input_ids', intTensor([2, 5], ids)],
    [
      'attention_mask',
      intTensor(
        [2, 5],
        ids.map((id) => Number(id !== 0)),
      ),
    ],
    [
      'labels',
      intTensor(
        [2, 5],
        ids.map((id) => (id === 0 ? -100 : id)),
      ),
    ],
  ]);

interface Setting extends Partial<TraceOptions> {
  readonly with?: ReadonlyMap<string, Tensor>;
  readonly weights?: ReadonlyMap<string, FloatTensor>;
  readonly config?: object;
  readonly dtype?: 'F16';
}

let count = 0;
async function run(
  head: HeadKind,
  {
    with: given = inputs(),
    weights: own = weights(),
    config: extra = {},
    dtype,
    ...options
  }: Setting = {},
) {
  const model = join(folder, `model ${count++}`);
  mkdirSync(model);
  writeFileSync(join(model, 'config.json'), JSON.stringify({ ...config, ...extra }));
  writeSafetensors(join(model, 'model.safetensors'), own, { dtype: () => dtype ?? 'F32' });
  const file = join(model, 'inputs.safetensors');
  writeSafetensors(file, given);
  return trace({
    model,
    head,
    inputs: file,
    cache: join(folder, 'cache'),
    random: randomStream('trace'),
    ...options,
  });
}

async function findingsOf(head: HeadKind, setting: Setting): Promise<string[]> {
  const error: unknown = await run(head, setting).catch((reason) => reason);
  return error instanceof Findings
    ? error.diagnostics.map(({ code, message }) => `${code}: ${message}`)
    : [];
}

test('results have the names of a recorded case, and no others', async () => {
  const plain = await run('lm');
  const streams = ['hidden.0', 'hidden.1', 'hidden.2', 'hidden.final'];
  expect([...plain.keys()].sort()).toEqual([...streams, 'logits', 'loss'].sort());
  expect(plain.get('loss')?.shape).toEqual([]);
  expect(plain.get('hidden.0')?.shape).toEqual([2, 5, 8]);
  const all = await run('lm', { gradients: true, steps: 2 });
  const trained = [...weights().keys()];
  expect([...all.keys()].sort()).toEqual(
    [
      ...streams,
      ...streams.map((name) => `grad.${name}`),
      'logits',
      'loss',
      'losses',
      ...trained,
      ...trained.map((key) => `after2.${key}`),
    ].sort(),
  );
});

test('without labels there is no loss, and the same logits', async () => {
  const given = inputs();
  given.delete('labels');
  const found = await run('lm', { with: given });
  expect(found.has('loss')).toBe(false);
  const other = (await run('lm')).get('logits')?.data ?? [];
  const logits = found.get('logits')?.data ?? [];
  expect(logits.length).toBe(110);
  // Two graphs: a kernel may be fused in one and not in the other.
  for (const [i, value] of logits.entries()) expect(Number(value)).toBeCloseTo(Number(other[i]), 4);
});

test('a mask of ones and counted positions are what is meant when they are left out', async () => {
  const full = new Map<string, Tensor>([['input_ids', intTensor([1, 5], [3, 7, 1, 9, 2])]]);
  const said = new Map(full)
    .set('attention_mask', intTensor([1, 5], [1, 1, 1, 1, 1]))
    .set('position_ids', intTensor([1, 5], [0, 1, 2, 3, 4]));
  expect((await run('lm', { with: full })).get('logits')).toEqual(
    (await run('lm', { with: said })).get('logits'),
  );
});

test('a checkpoint without base prefix gives the same numbers, under its own keys', async () => {
  const [long, short] = [
    await run('lm', { gradients: true }),
    await run('lm', { gradients: true, weights: weights('') }),
  ];
  expect(short.get('wte.weight')).toEqual(long.get('transformer.wte.weight'));
  expect(short.get('logits')).toEqual(long.get('logits'));
  expect(short.has('transformer.wte.weight')).toBe(false);
});

test('weights stored in half precision are what they round to', async () => {
  const halves = await run('lm', { dtype: 'F16', gradients: true });
  const mapped = await run('lm', { dtype: 'F16' });
  const rounded = new Map(
    [...weights()].map(([key, { shape, data }]) => [
      key,
      floatTensor(shape, data.map(Math.f16round)),
    ]),
  );
  expect(halves).toEqual(await run('lm', { weights: rounded, gradients: true }));
  expect(mapped).toEqual(await run('lm', { weights: rounded }));
});

test('a model named by a relative path is found', async () => {
  const model = join(folder, 'relative');
  mkdirSync(model);
  writeFileSync(join(model, 'config.json'), JSON.stringify(config));
  writeSafetensors(join(model, 'model.safetensors'), weights());
  const found = await run('lm', {
    model: relative(process.cwd(), model),
    cache: relative(process.cwd(), join(folder, 'cache')),
  });
  expect(found.get('logits')).toEqual((await run('lm')).get('logits'));
});

test('a new head is drawn from the seed, everything else has to be there', async () => {
  const given = inputs().set('labels', intTensor([2], [1, 2]));
  const one = await run('cls', { with: given });
  expect(one.get('logits')?.shape).toEqual([2, 3]);
  expect((await run('cls', { with: given })).get('logits')).toEqual(one.get('logits'));
  expect(
    (await run('cls', { with: given, random: randomStream('other') })).get('logits'),
  ).not.toEqual(one.get('logits'));
  const lacking = weights();
  lacking.delete('transformer.ln_f.weight');
  expect(await findingsOf('cls', { with: given, weights: lacking })).toEqual([
    'VF535: the checkpoint lacks `transformer.ln_f.weight`',
  ]);
});

test('a classifier of a decoder reads the last token that is not padding, whatever the mask says', async () => {
  const given = inputs().set('labels', intTensor([2], [1, 2]));
  const longer = new Map<string, Tensor>([
    ['input_ids', intTensor([2, 7], [...ids.slice(0, 5), 0, 0, ...ids.slice(5), 0, 0])],
    ['labels', intTensor([2], [1, 2])],
  ]);
  const [short, long] = [await run('cls', { with: given }), await run('cls', { with: longer })];
  for (const [i, value] of (short.get('logits')?.data ?? []).entries())
    expect(Number(long.get('logits')?.data[i])).toBeCloseTo(Number(value), 5);
});

test('a continuation with a cache is the one without', async () => {
  const prompts = inputs()
    .set('gen.input_ids', intTensor([2, 3], [3, 7, 1, 0, 9, 2]))
    .set('gen.attention_mask', intTensor([2, 3], [1, 1, 1, 0, 1, 1]));
  const found = (await run('lm', { with: prompts, generate: 4, cuts: ['1'] })).get('generated');
  expect(found?.shape).toEqual([2, 4]);
  for (const [row, start] of [
    [3, 7, 1],
    [9, 2],
  ].entries()) {
    const tokens = [...start];
    for (let i = 0; i < 4; i++) {
      const given = new Map<string, Tensor>([['input_ids', intTensor([1, tokens.length], tokens)]]);
      const { data = [] } = (await run('lm', { with: given })).get('logits') ?? {};
      const last = Array.from(data as ArrayLike<number>).slice(-11);
      tokens.push(last.indexOf(Math.max(...last)));
    }
    expect(
      Array.from((found?.data ?? []) as ArrayLike<bigint>, Number).slice(4 * row, 4 * row + 4),
    ).toEqual(tokens.slice(start.length));
  }
});

test('options that contradict each other or the model are findings, all at once', async () => {
  const found = await findingsOf('lm', {
    cuts: ['1', '1', '3', 'dec.1'],
    steps: 0,
    train: 'lora',
    optimizer: 'sgd',
  });
  expect(found).toEqual([
    'VF581: there is no adapter to train',
    'VF581: optimizer `sgd` is not known',
    'VF581: `--steps` is 0',
    'VF581: cut 1 is there twice',
    'VF581: there is no cut before block `3`',
    'VF581: there is no cut before block `dec.1`',
  ]);
  expect(await findingsOf('cls', { generate: 3 })).toEqual([
    'VF581: a `cls` head generates nothing',
  ]);
});

test('what the inputs lack or contradict is a finding', async () => {
  const changed = (name: string, tensor: Tensor): Map<string, Tensor> => inputs().set(name, tensor);
  expect(await findingsOf('lm', { prefix: 'left.' })).toEqual([
    expect.stringContaining('has no tensor `left.input_ids`'),
  ]);
  expect(
    await findingsOf('lm', {
      with: changed('attention_mask', intTensor([2, 4], [1, 1, 1, 1, 1, 1, 1, 1])),
    }),
  ).toEqual([expect.stringMatching(/^VF580: `attention_mask` has shape \[2, 4\]/)]);
  expect(await findingsOf('lm', { with: changed('input_ids', intTensor([1, 1], [11])) })).toEqual([
    'VF580: `input_ids` holds 11',
  ]);
  expect(
    await findingsOf('lm', {
      with: changed(
        'position_ids',
        intTensor(
          [2, 5],
          ids.map(() => 12),
        ),
      ),
    }),
  ).toEqual(['VF580: `position_ids` holds 12']);
  expect(
    await findingsOf('lm', {
      with: changed(
        'labels',
        intTensor(
          [2, 5],
          ids.map(() => -1),
        ),
      ),
    }),
  ).toEqual(['VF580: `labels` holds -1']);
  expect(await findingsOf('cls', {})).toEqual([
    expect.stringMatching(/^VF580: labels have shape \[2, 5\]/),
  ]);
  const unlabelled = inputs();
  unlabelled.delete('labels');
  expect(await findingsOf('lm', { with: unlabelled, gradients: true })).toEqual([
    expect.stringMatching(/^VF582/),
  ]);
  expect(await findingsOf('lm', { generate: 2 })).toEqual([
    expect.stringContaining('has no tensor `gen.input_ids`'),
  ]);
});

test('a model nobody serves, or whose weights have other shapes, is a finding', async () => {
  expect(await findingsOf('lm', { config: { model_type: 'abacus' } })).toEqual([
    'VF536: no family serves `model_type` `abacus`',
  ]);
  expect(await findingsOf('mlm', {})).toEqual(['VF536: the gpt2 family has no `mlm` head']);
  const wide = weights().set('transformer.wpe.weight', floatTensor([3, 8], new Float32Array(24)));
  expect(await findingsOf('lm', { weights: wide })).toEqual([
    expect.stringMatching(/^VF534: tensor `transformer.wpe.weight` has shape \[3, 8\]/),
  ]);
});
