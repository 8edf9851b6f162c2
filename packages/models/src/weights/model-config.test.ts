import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Findings } from '@vflair/core/text';
import { expect, onTestFinished, test } from 'vitest';
import { sharedCase } from '../testing/shared-folder.js';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { checkModelConfig, readModelConfig } from './model-config.js';

const gpt2 = { model_type: 'gpt2', n_layer: 12, n_embd: 768, n_head: 12 };

function codesOf(config: object): string[] {
  return checkModelConfig({ ...config }).map(({ code }) => code);
}

function findingsOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof Findings) return error.message;
    throw error;
  }
  return '';
}

const recorded = sharedCase('every recorded config is free of contradictions', ['golden/families']);
test.skipIf(recorded.isAbsent)(recorded.title, () => {
  const root = join(recorded.folder, 'golden/families');
  const folders = readdirSync(root).flatMap((family) =>
    readdirSync(join(root, family)).map((variant) => join(root, family, variant)),
  );
  expect(folders.length).toBeGreaterThan(60);
  for (const folder of folders) expect(typeof readModelConfig(folder).model_type).toBe('string');
});

test('a sound config has no findings', () => {
  expect(codesOf(gpt2)).toEqual([]);
  expect(codesOf({ ...gpt2, num_hidden_layers: 12 })).toEqual([]);
});

test('a config without a model type is VF522', () => {
  expect(codesOf({ ...gpt2, model_type: undefined })).toEqual(['VF522']);
});

test('two numbers of layers that disagree are VF523, naming both', () => {
  const [found] = checkModelConfig({ ...gpt2, num_hidden_layers: 6 });
  expect(found?.code).toBe('VF523');
  expect(found?.message).toContain('`num_hidden_layers` is 6, but `n_layer` is 12');
});

test('heads must divide the width unless the head size is stated', () => {
  const uneven = { model_type: 'llama', hidden_size: 100, num_attention_heads: 12 };
  expect(codesOf(uneven)).toEqual(['VF523']);
  expect(codesOf({ ...uneven, head_dim: 16 })).toEqual([]);
});

test('key-value heads must divide the heads', () => {
  expect(codesOf({ ...gpt2, num_key_value_heads: 5 })).toEqual(['VF523']);
});

test('a missing config is VF520, one that is not JSON or no object VF521', () => {
  const folder = temporaryFolder(onTestFinished);
  expect(findingsOf(() => readModelConfig(folder))).toContain('VF520');
  for (const text of ['{', '[]', 'null', '']) {
    writeFileSync(join(folder, 'config.json'), text);
    expect(findingsOf(() => readModelConfig(folder))).toContain('VF521');
  }
});
