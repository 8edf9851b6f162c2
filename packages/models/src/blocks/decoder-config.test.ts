import { expect, test } from 'vitest';
import {
  blockWindows,
  lateWindows,
  optionalSize,
  padTokenOf,
  readDecoderConfig,
  windowOf,
} from './decoder-config.js';

const config = {
  hidden_size: 12,
  num_attention_heads: 4,
  num_hidden_layers: 2,
  vocab_size: 11,
  intermediate_size: 10,
};

test('what a config leaves out is the family’s, what it says null is none', () => {
  const defaults = {
    keyHeads: 2,
    headSize: 5,
    padToken: 3,
    positions: 7,
    epsilon: 0.1,
    tied: true,
  };
  expect(readDecoderConfig(config, 'test', defaults)).toMatchObject(defaults);
  const empty = { ...config, num_key_value_heads: null, pad_token_id: null };
  expect(readDecoderConfig(empty, 'test', defaults)).toMatchObject({
    keyHeads: 4,
    padToken: undefined,
  });
  expect(readDecoderConfig(config, 'test')).toMatchObject({ keyHeads: 4, headSize: 3 });
  expect(padTokenOf({ pad_token_id: 0 }, 'test', 3)).toBe(0);
});

test('heads that don’t fit are findings', () => {
  expect(() => readDecoderConfig({ ...config, num_key_value_heads: 3 }, 'test')).toThrow('VF523');
  expect(() => readDecoderConfig({ ...config, num_key_value_heads: 0 }, 'test')).toThrow('VF523');
  expect(() => readDecoderConfig({ ...config, head_dim: 0 }, 'test')).toThrow('VF523');
});

test('a size is a positive number or none', () => {
  const read = (value: unknown): number | undefined =>
    optionalSize({ size: value }, 'test', { name: 'size', fallback: 4 });
  expect([read(2), read(undefined), read(null)]).toEqual([2, 4, undefined]);
  expect(() => read(0)).toThrow('VF523');
});

test('layers see a window as their type says, or as the family does', () => {
  const sizes = { family: 'test', blocks: 3, window: 5 };
  const types = { layer_types: ['full_attention', 'sliding_attention', 'full_attention'] };
  const windows = blockWindows(types, sizes, () => 'full_attention');
  expect(windows).toEqual([undefined, 5, undefined]);
  expect([0, 1].map((i) => windowOf(windows, i))).toEqual([{}, { window: 5 }]);
  expect(blockWindows({}, sizes, () => 'sliding_attention')).toEqual([5, 5, 5]);
});

test('late layers have windows only if they are used', () => {
  const late = { sliding_window: 4, max_window_layers: 1 };
  expect(lateWindows({ ...late, use_sliding_window: true }, 'test', 3)).toEqual([undefined, 4, 4]);
  expect(lateWindows(late, 'test', 2)).toEqual([undefined, undefined]);
});
