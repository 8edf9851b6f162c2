import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FloatTensor, floatTensor, intTensor, type Tensor } from '@vflair/core/tensor';
import { openCheckpoint, writeSafetensors } from '@vflair/models';
import { expect, test } from 'vitest';
import {
  adapterDeviations,
  forwardDeviations,
  fullDeviations,
  generation,
} from './family-cases.js';
import { type Golden, goldenAbsent, openGolden } from './golden.js';
import {
  deviations,
  gradientRule,
  lossRule,
  offences,
  type Rule,
  stepRule,
  valueRule,
} from './tolerance.js';

// The comparisons themselves: each has to fail when something is wrong by one part in a hundred.

/** Calls `use` with a copy of a recorded case in which one tensor of a file is 1 % too large. */
async function withWrong<T>(
  golden: Golden,
  { file, key }: { file: string; key: string },
  use: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'vflair-wrong-'));
  try {
    cpSync(golden.folder, folder, { recursive: true });
    const checkpoint = openCheckpoint(join(golden.folder, file));
    const tensors = [...checkpoint.tensors.keys()].map((name): [string, FloatTensor] => {
      const { shape, data } = checkpoint.read(name);
      return [
        name,
        floatTensor(
          shape,
          data.map((x) => (name === key ? 1.01 * x : x)),
        ),
      ];
    });
    checkpoint.close();
    writeSafetensors(join(folder, file), new Map(tensors));
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const weights = { file: 'model.safetensors', key: 'transformer.h.1.attn.c_attn.weight' };

test.skipIf(goldenAbsent !== undefined)(
  `a wrong weight shows in streams, logits, loss and gradients ${goldenAbsent ?? ''}`,
  async () => {
    const golden = openGolden('gpt2/base-lm');
    const found = await withWrong(golden, weights, (model) => forwardDeviations(golden, { model }));
    const lines = offences(found).join('\n');
    for (const name of [
      'hidden.2',
      'hidden.final',
      'logits',
      'grad.hidden.0',
      'transformer.wte.weight',
    ])
      expect(lines).toContain(`${name}: `);
    // What comes before the wrong weight is right.
    expect(lines).not.toMatch(/^hidden\.[01]:/m);
  },
);

test.skipIf(goldenAbsent !== undefined)(
  `a wrong weight shows after three steps and in generation ${goldenAbsent ?? ''}`,
  async () => {
    const golden = openGolden('gpt2/base-lm');
    await withWrong(golden, weights, async (model) => {
      expect(offences(await fullDeviations(golden, { model }))).toContainEqual(
        expect.stringMatching(/^losses/),
      );
      expect(offences(await fullDeviations(golden, { model })).length).toBeGreaterThan(10);
      expect(offences((await generation(golden, { model })).logits)).toHaveLength(4);
    });
  },
);

test.skipIf(goldenAbsent !== undefined)(`a wrong adapter shows ${goldenAbsent ?? ''}`, async () => {
  const golden = openGolden('bert/base-cls');
  const key = 'base_model.model.bert.encoder.layer.0.attention.self.value.lora_B.weight';
  const file = 'lora/adapter_model.safetensors';
  const lines = await withWrong(golden, { file, key }, async (folder) =>
    offences(await adapterDeviations(golden, { adapter: join(folder, 'lora') })).join('\n'),
  );
  for (const name of [
    'logits',
    'loss',
    'losses',
    `grad.${key.replace('_B.', '_A.')}`,
    `after3.${key}`,
  ])
    expect(lines).toContain(`${name}: `);
});

const value = floatTensor([2, 2, 1], Float32Array.of(3, -1, 2, 0.5));
const scaled = (tensor: FloatTensor, i: number, factor: number): FloatTensor =>
  floatTensor(
    tensor.shape,
    tensor.data.map((x, k) => (k === i ? factor * x : x)),
  );
const rules: readonly (readonly [string, Rule])[] = [
  ['values', valueRule()],
  ['loss', lossRule],
  ['gradients', gradientRule],
  ['steps', stepRule({ x: [1e-6, 3, 0] }, new Set())],
];

test.each(rules)('%s: 1 % on one element is too much, an equal tensor is not', (_, rule) => {
  const share = (found: Tensor): string[] =>
    offences(deviations(new Map([['x', found]]), [['x', value]], rule));
  expect(share(value)).toEqual([]);
  expect(share(scaled(value, 0, 1.01))).toHaveLength(1);
  expect(share(scaled(value, 0, Number.NaN))).toHaveLength(1);
  expect(share(floatTensor([4], value.data))).toHaveLength(1);
  expect(offences(deviations(new Map(), [['x', value]], rule))).toHaveLength(1);
});

test('a padded position does not count, a real one does', () => {
  const rule = valueRule(intTensor([2, 2], [1, 0, 1, 1]));
  expect(rule(scaled(value, 1, 2), value, 'x').share).toBe(0);
  expect(rule(scaled(value, 3, 2), value, 'x').share).toBeGreaterThan(1);
});

test('where the gradient is noise, the recorded share of elements may be off, and no more', () => {
  const rule = stepRule({ x: [0.02, 3, 0.25] }, new Set(['x']));
  const off = (count: number, by = 0.01): FloatTensor =>
    floatTensor(
      value.shape,
      value.data.map((x, i) => (i < count ? x + by : x)),
    );
  expect(rule(off(2), value, 'x').share).toBeLessThanOrEqual(1);
  expect(rule(off(3), value, 'x').share).toBeGreaterThan(1);
  expect(rule(off(1, 0.05), value, 'x').share).toBeGreaterThan(1);
});
