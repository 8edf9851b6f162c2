import type { HeadKind, ModelSpec } from '@vflair/core/contract';
import { expect, test } from 'vitest';
import gpt2 from '../families/gpt2.js';
import t5 from '../families/t5.js';
import xlnet from '../families/xlnet.js';
import { checkOneStream } from './one-stream.js';

const sizes = { num_layers: 1, d_model: 4, d_kv: 2, d_ff: 4, num_heads: 2, vocab_size: 7 };
const twoStacks = (head: HeadKind): ModelSpec => t5.read(sizes, head);
const bothWays = (head: HeadKind): ModelSpec =>
  xlnet.read({ d_model: 4, n_head: 2, n_layer: 1, d_inner: 4, vocab_size: 7 }, head);
const oneWay = gpt2.read({ n_embd: 4, n_head: 2, n_layer: 1, n_positions: 5, vocab_size: 7 }, 'lm');

test('what one stream carries runs at parties', () => {
  expect(() => checkOneStream(oneWay)).not.toThrow();
  expect(() => checkOneStream(bothWays('cls'))).not.toThrow();
});

test('an encoder with a decoder, and a language model that looks both ways, are refused', () => {
  for (const head of ['seq2seq', 'cls', 'qa'] as const)
    expect(() => checkOneStream(twoStacks(head))).toThrow('more than one stream');
  expect(() => checkOneStream(bothWays('lm'))).toThrow('looks both ways');
});
