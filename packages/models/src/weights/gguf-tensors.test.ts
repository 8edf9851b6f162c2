import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { encodeGguf, floatPart } from '../testing/encode-gguf.js';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { openCheckpoint } from './checkpoint.js';
import type { GgufValue } from './gguf-header.js';
import { ggufName } from './gguf-names.js';
import { mappedWeights } from './mapped-weights.js';
import { readModelConfig } from './model-config.js';

const folder = temporaryFolder(afterAll);
const file = join(folder, 'tensors.gguf');

function write(
  architecture: string,
  metadata: Readonly<Record<string, GgufValue>>,
  tensors: Readonly<Record<string, readonly [shape: readonly number[], values: readonly number[]]>>,
): void {
  const own = Object.entries(metadata).map(([key, value]): [string, GgufValue] => [
    key.includes('.ggml') ? key : `${architecture}.${key}`,
    value,
  ]);
  const parts = Object.entries(tensors).map(
    ([name, [shape, values]]) => [name, floatPart(shape, values)] as const,
  );
  writeFileSync(
    file,
    encodeGguf(new Map([['general.architecture', architecture], ...own]), new Map(parts)),
  );
}

function numbers(key: string): number[] {
  const checkpoint = openCheckpoint(file);
  const { data } = checkpoint.read(key);
  checkpoint.close();
  return [...data];
}

// As the converter writes a query: rows [heads, 2, size/2] become [heads, size/2, 2].
function convertedRows(rows: readonly number[], heads: number): number[] {
  const half = rows.length / heads / 2;
  return Array.from({ length: rows.length }, (_, at) => {
    const [head, pair, side] = [Math.floor(at / (2 * half)), (at >> 1) % half, at % 2];
    return rows[head * 2 * half + side * half + pair] ?? Number.NaN;
  });
}

test('rows of llama queries and keys are put back, each by its own number of heads', () => {
  const rows = Array.from({ length: 12 }, (_, i) => i);
  const two = (list: readonly number[]): number[] => list.flatMap((x) => [x, x + 0.5]);
  write(
    'llama',
    { 'attention.head_count': 3, 'attention.head_count_kv': 1, embedding_length: 12 },
    {
      'blk.0.attn_q.weight': [[12, 2], two(convertedRows(rows, 3))],
      'blk.0.attn_k.weight': [[4, 2], two(convertedRows(rows.slice(0, 4), 1))],
      'blk.0.attn_q.bias': [[12], convertedRows(rows, 3)],
      'blk.0.attn_v.weight': [[4, 2], two(rows.slice(0, 4))],
    },
  );
  expect(numbers('model.layers.0.self_attn.q_proj.weight')).toEqual(two(rows));
  expect(numbers('model.layers.0.self_attn.k_proj.weight')).toEqual(two(rows.slice(0, 4)));
  expect(numbers('model.layers.0.self_attn.q_proj.bias')).toEqual(rows);
  expect(numbers('model.layers.0.self_attn.v_proj.weight')).toEqual(two(rows.slice(0, 4)));
  expect(readModelConfig(file)).toMatchObject({ model_type: 'llama', attention_bias: true });
});

test('gpt2 matrices are turned back, norms of gemma lose the one that was added', () => {
  write(
    'gpt2',
    { 'attention.head_count': 1, embedding_length: 2 },
    {
      'blk.1.ffn_up.weight': [
        [3, 2],
        [1, 2, 3, 4, 5, 6],
      ],
      'blk.1.ffn_up.bias': [[3], [7, 8, 9]],
    },
  );
  expect(numbers('transformer.h.1.mlp.c_fc.weight')).toEqual([1, 3, 5, 2, 4, 6]);
  expect(numbers('transformer.h.1.mlp.c_fc.bias')).toEqual([7, 8, 9]);
  const checkpoint = openCheckpoint(file);
  expect(checkpoint.find('transformer.h.1.mlp.c_fc.weight').shape).toEqual([2, 3]);
  checkpoint.close();
  write('gemma', {}, { 'output_norm.weight': [[2], [1.5, 0.25]] });
  expect(numbers('model.norm.weight')).toEqual([0.5, -0.75]);
});

test('a tensor that was changed is not mapped from the file itself', () => {
  write(
    'llama',
    { 'attention.head_count': 1, embedding_length: 2 },
    {
      'blk.0.attn_q.weight': [
        [4, 1],
        [1, 2, 3, 4],
      ],
      'blk.0.attn_v.weight': [
        [4, 1],
        [1, 2, 3, 4],
      ],
    },
  );
  const checkpoint = openCheckpoint(file);
  const keys = ['q', 'v'].map((name) => `model.layers.0.self_attn.${name}_proj.weight`);
  const mapped = mappedWeights(checkpoint, keys, join(folder, 'cache'));
  checkpoint.close();
  expect([...mapped.values()].map(({ file: from }) => from === file)).toEqual([false, true]);
});

test('metadata become the fields of config.json', () => {
  write(
    'phi3',
    {
      embedding_length: 64,
      block_count: 2,
      feed_forward_length: 96,
      'attention.head_count': 4,
      'attention.head_count_kv': 2,
      'attention.layer_norm_rms_epsilon': 0.5,
      'attention.sliding_window': 7,
      'rope.dimension_count': 8,
      'rope.freq_base': 500,
      'rope.scaling.type': 'linear',
      'rope.scaling.factor': 4,
      context_length: 128,
      'tokenizer.ggml.eos_token_id': 5,
    },
    { 'token_embd.weight': [[11, 1], new Array<number>(11).fill(0)] },
  );
  expect(readModelConfig(file)).toEqual({
    model_type: 'phi3',
    hidden_act: 'silu',
    hidden_size: 64,
    num_hidden_layers: 2,
    intermediate_size: 96,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    rms_norm_eps: 0.5,
    sliding_window: 7,
    partial_rotary_factor: 0.5,
    rope_theta: 500,
    rope_scaling: { type: 'linear', rope_type: 'linear', factor: 4 },
    max_position_embeddings: 128,
    vocab_size: 11,
    tie_word_embeddings: true,
    attention_bias: false,
    mlp_bias: false,
    eos_token_id: 5,
  });
});

test('every name has a checkpoint key of its own', () => {
  const names = ['attn_norm', 'attn_q', 'attn_k', 'attn_v', 'attn_qkv', 'attn_output'].concat([
    'ffn_norm',
    'ffn_gate',
    'ffn_up',
    'ffn_down',
  ]);
  for (const architecture of ['llama', 'qwen2', 'gemma', 'phi3', 'gpt2']) {
    const keys = names.map((name) => ggufName(architecture, `blk.3.${name}.weight`)?.key);
    const known = keys.filter((key) => key !== undefined);
    expect(new Set(known).size).toBe(known.length);
    expect(known.every((key) => key.includes('.3.'))).toBe(true);
  }
  expect(ggufName('llama', 'blk.0.constructor.weight')).toBeUndefined();
});
