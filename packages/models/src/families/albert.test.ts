import type { ModelConfig } from '@vflair/core/contract';
import { randomStream } from '@vflair/core/tensor';
import { compositionDefects, drawFamilyCase } from '@vflair/core/testing';
import { Findings } from '@vflair/core/text';
import { expect, test } from 'vitest';
import albert from './albert.js';

const config = {
  model_type: 'albert',
  embedding_size: 6,
  hidden_size: 8,
  num_attention_heads: 2,
  num_hidden_layers: 3,
  num_hidden_groups: 1,
  inner_group_num: 1,
  max_position_embeddings: 9,
  vocab_size: 11,
  type_vocab_size: 2,
  intermediate_size: 16,
  pad_token_id: 0,
};

const codeOf = (wrong: ModelConfig): string => {
  try {
    albert.read({ ...config, ...wrong }, 'cls');
    return 'none';
  } catch (error) {
    return error instanceof Findings ? (error.diagnostics[0]?.code ?? '') : String(error);
  }
};

const cases = albert.heads.flatMap((head) => [
  { head, cuts: [0], extra: {} },
  { head, cuts: [1], extra: { num_hidden_groups: 2 } },
  { head, cuts: [3], extra: { tie_word_embeddings: false } },
  { head, cuts: [1, 2], extra: { inner_group_num: 2, num_hidden_groups: 3 } },
]);

test.each(cases)(
  'a $head model cut before blocks $cuts is the model in one piece ($extra)',
  async ({ head, cuts, extra }) => {
    const spec = albert.read({ ...config, ...extra }, head, 3);
    expect(
      await compositionDefects(drawFamilyCase(spec, randomStream(`albert/${head}`)), cuts),
    ).toEqual([]);
  },
);

/** Blocks that use the query of each layer, by group. */
const placesOf = (extra: ModelConfig) =>
  albert
    .read({ ...config, ...extra }, 'cls')
    .parameters.filter(({ key }) => key.endsWith('0.attention.query.weight'))
    .map(({ places }) => places);

test('a parameter belongs to every block of its group', () => {
  expect(placesOf({})).toEqual([[0, 1, 2]]);
  expect(placesOf({ num_hidden_layers: 4, num_hidden_groups: 2 })).toEqual([
    [0, 1],
    [2, 3],
  ]);
  // ⌊i / 1.5⌋: groups need not divide the blocks.
  expect(placesOf({ num_hidden_groups: 2 })).toEqual([[0, 1], [2]]);
});

test('adapters sit on the query and value of each layer once', () => {
  const { defaultTargets } = albert.read({ ...config, inner_group_num: 2 }, 'cls');
  expect(defaultTargets).toHaveLength(4);
  expect(defaultTargets[2]).toBe(
    'albert.encoder.albert_layer_groups.0.albert_layers.1.attention.query.weight',
  );
});

test('a config that leaves out or contradicts what it needs is a finding', () => {
  expect(codeOf({})).toBe('none');
  expect(codeOf({ hidden_size: undefined })).toBe('VF530');
  expect(codeOf({ hidden_act: 'swoosh' })).toBe('VF531');
  expect(codeOf({ position_embedding_type: 'relative_key' })).toBe('VF532');
  expect(codeOf({ num_hidden_groups: 4 })).toBe('VF523');
  expect(codeOf({ inner_group_num: 0 })).toBe('VF523');
});
