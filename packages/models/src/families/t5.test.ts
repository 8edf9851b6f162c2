import type { HeadKind, ModelConfig, Tensors } from '@vflair/core/contract';
import { cutParts, sliceGraph } from '@vflair/core/session';
import { intTensor, randomStream, zeros } from '@vflair/core/tensor';
import { compositionDefects, drawFamilyCase } from '@vflair/core/testing';
import { Findings } from '@vflair/core/text';
import { expect, test } from 'vitest';
import t5 from './t5.js';

const config = {
  model_type: 't5',
  d_model: 8,
  d_kv: 3,
  d_ff: 10,
  num_heads: 2,
  num_layers: 2,
  num_decoder_layers: 1,
  vocab_size: 11,
  relative_attention_num_buckets: 8,
  relative_attention_max_distance: 6,
};

const codeOf = (wrong: ModelConfig): string => {
  try {
    t5.read({ ...config, ...wrong }, 'seq2seq');
    return 'none';
  } catch (error) {
    return error instanceof Findings ? (error.diagnostics[0]?.code ?? '') : String(error);
  }
};

// Both rows end in the end token, behind which the second is padded.
const ids = intTensor([2, 5], [4, 7, 2, 9, 1, 8, 3, 1, 0, 0]);

const kinds: readonly (readonly [HeadKind, ModelConfig])[] = [
  ['seq2seq', {}],
  ['seq2seq', { feed_forward_proj: 'gated-gelu', tie_word_embeddings: false }],
  ['cls', {}],
  ['reg', {}],
  ['qa', { num_decoder_layers: null }],
];
const cases = kinds.flatMap(([head, extra]) =>
  [[0], [1], [2], [3], [0, 1, 2, 3]].map((cuts) => ({ head, extra, cuts })),
);

test.each(cases)(
  'a $head model with $extra cut before blocks $cuts is the model in one piece',
  async ({ head, extra, cuts }) => {
    const spec = t5.read({ ...config, ...extra }, head, 3);
    const made = drawFamilyCase(spec, randomStream(`t5/${head}`), { ids });
    expect(await compositionDefects(made, cuts)).toEqual([]);
  },
);

test('behind a cut nothing but hidden states and masks come in', () => {
  const spec = t5.read(config, 'seq2seq');
  for (const [i, part] of cutParts(spec, [1, 2, 3]).entries()) {
    const stored = (key: string) => zeros(spec.parameters.find((p) => p.key === key)?.shape ?? []);
    const weights = { stored, trained: new Map(), adapters: new Map() };
    const { g } = sliceGraph(spec, part, weights, { given: new Set(['decoder_input_ids']) });
    const names = g.inputs.map(({ name }) => name).filter((name) => name !== 'mask');
    const others = [['hidden.decoder'], ['hidden.encoder'], []][i - 1] ?? [];
    if (i > 0) expect(names).toEqual(['hidden', ...others]);
  }
});

test('the position bias of a stack belongs to all its blocks', () => {
  const { parameters } = t5.read({ ...config, num_decoder_layers: 3 }, 'qa');
  const places = parameters
    .filter(({ key }) => key.includes('relative_attention_bias'))
    .map(({ key, places }) => [key.slice(0, 7), places]);
  expect(places).toEqual([
    ['encoder', [0, 1]],
    ['decoder', [2, 3, 4]],
  ]);
});

test('the output matrix is the shared table, scaled, unless the config says otherwise', () => {
  const keys = (extra: ModelConfig): string[] =>
    t5.read({ ...config, ...extra }, 'seq2seq').parameters.map(({ key }) => key);
  expect(keys({})).not.toContain('lm_head.weight');
  expect(keys({ tie_word_embeddings: false })).toContain('lm_head.weight');
});

test('the decoder reads the labels one place later; a classifier is read at the last end token', () => {
  const prepared = (head: HeadKind, labels: Tensors): Tensors =>
    t5.read({ ...config, decoder_start_token_id: 6 }, head).prepare?.({ ids, ...labels }) ?? {};
  const labels = intTensor([2, 3], [5, 4, 1, 3, -100, -100]);
  expect(prepared('seq2seq', { labels }).decoder_input_ids).toEqual(
    intTensor([2, 3], [6, 5, 4, 6, 3, 0]),
  );
  const { decoder_input_ids: decoder, pooled } = prepared('cls', {});
  expect(decoder).toEqual(intTensor([2, 5], [6, 4, 7, 2, 9, 6, 8, 3, 1, 0]));
  expect(pooled).toEqual(intTensor([2], [4, 2]));
  expect(() => prepared('seq2seq', {})).toThrow('nothing to read');
  expect(() => prepared('cls', { ids: intTensor([1, 2], [3, 4]) })).toThrow('no token 1');
});

test('a config that leaves out or contradicts what it needs is a finding', () => {
  expect(codeOf({})).toBe('none');
  expect(codeOf({ d_kv: undefined })).toBe('VF530');
  expect(codeOf({ feed_forward_proj: 'gated-swoosh' })).toBe('VF531');
  expect(codeOf({ feed_forward_proj: 'twice-gated-gelu' })).toBe('VF530');
  expect(codeOf({ is_gated_act: true })).toBe('VF523');
  expect(codeOf({ relative_attention_num_buckets: 2 })).toBe('VF523');
  expect(codeOf({ relative_attention_max_distance: 4 })).toBe('VF523');
  expect(codeOf({ is_encoder_decoder: false })).toBe('VF532');
});
