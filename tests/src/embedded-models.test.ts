import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { bert, equalRows, gpt2, openCheckpoint, vocabularySize } from '@vflair/models/pretrain';
import { expect, test } from 'vitest';
import { root } from './source-tree.js';

const models = [
  { id: 'tiny-gpt2', family: gpt2, head: 'lm' },
  { id: 'tiny-bert', family: bert, head: 'mlm' },
] as const;

const folderOf = (id: string): string => join(root, 'packages', 'models', 'catalog', id);
const jsonOf = (id: string, file: string) =>
  JSON.parse(readFileSync(join(folderOf(id), file), 'utf8'));

test.each(models)(
  '$id holds exactly the parameters its config asks for',
  ({ id, family, head }) => {
    const spec = family.read(jsonOf(id, 'config.json'), head);
    const stored = openCheckpoint(folderOf(id));
    const expected = new Map(spec.parameters.map(({ key, shape }) => [key, shape]));
    const found = new Map([...stored.tensors].map(([key, { shape }]) => [key, shape]));
    expect(new Map([...found].sort())).toEqual(new Map([...expected].sort()));
    // Finite, or reading raises a finding.
    for (const key of expected.keys()) expect(stored.read(key).shape).toEqual(expected.get(key));
    stored.close();
  },
);

test.each(models)('$id is small, and float16 keeps its tokens apart', ({ id, family, head }) => {
  const spec = family.read(jsonOf(id, 'config.json'), head);
  expect(statSync(join(folderOf(id), 'model.safetensors')).size).toBeLessThan(8e6);
  const stored = openCheckpoint(folderOf(id));
  expect(equalRows(stored.read(spec.embeddingKey))).toBeUndefined();
  stored.close();
});

test.each(models)('$id has a row for each token of its vocabulary', ({ id, family, head }) => {
  const spec = family.read(jsonOf(id, 'config.json'), head);
  expect(vocabularySize(jsonOf(id, 'tokenizer.json'))).toBe(spec.vocabulary);
});
