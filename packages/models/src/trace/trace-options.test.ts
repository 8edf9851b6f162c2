import { expect, test } from 'vitest';
import gpt2 from '../families/gpt2.js';
import t5 from '../families/t5.js';
import { cutPlace } from './trace-options.js';

const one = gpt2.read({ n_embd: 4, n_head: 2, n_layer: 3, n_positions: 5, vocab_size: 7 }, 'lm');
const two = t5.read(
  {
    d_model: 4,
    d_kv: 2,
    d_ff: 4,
    num_heads: 2,
    num_layers: 3,
    num_decoder_layers: 2,
    vocab_size: 7,
  },
  'seq2seq',
);
const places = (spec: typeof one, cuts: readonly string[]) =>
  cuts.map((cut) => cutPlace(cut, spec));

test('in one stack a cut is before the block of that number, or after the last', () => {
  expect(places(one, ['0', '2', '3', '4', 'dec.0', '-1', '1.5', ''])).toEqual([
    0,
    2,
    3,
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

test('behind an encoder of three blocks the decoder has cuts of its own', () => {
  expect(places(two, ['0', '2', '3', '4', 'dec.0', 'dec.1', 'dec.2', 'dec.3'])).toEqual([
    0,
    2,
    3,
    undefined,
    3,
    4,
    5,
    undefined,
  ]);
});
