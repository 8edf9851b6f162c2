import type { HeadKind } from '@vflair/core/contract';
import { bareContext } from '@vflair/core/session';
import { intTensor, randomStream } from '@vflair/core/tensor';
import {
  drawNormals,
  evaluate,
  feedsOf,
  inputGraph,
  numbersOf,
  pick,
  total,
} from '@vflair/core/testing';
import { at, present } from '@vflair/core/text';
import { expect, test } from 'vitest';
import { type DecoderHead, decoderHead } from './decoder-head.js';

const sizes = { labels: 2, hidden: 3, vocabulary: 5, table: 'model.table.weight', tied: false };
const keysOf = (head: HeadKind, other: Partial<DecoderHead> = {}): string[] =>
  decoderHead({ ...sizes, head, ...other }).parameters.map(({ key }) => key);

test('each head has its own parameters, a tied output none', () => {
  expect(keysOf('lm')).toEqual(['lm_head.weight']);
  expect(keysOf('lm', { tied: true })).toEqual([]);
  expect(keysOf('lm', { output: 'embed_out.weight' })).toEqual(['embed_out.weight']);
  expect(keysOf('cls')).toEqual(['score.weight']);
  expect(keysOf('reg', { classifier: { name: 'head', bias: true } })).toEqual([
    'head.weight',
    'head.bias',
  ]);
  expect(keysOf('qa')).toEqual(['qa_outputs.weight', 'qa_outputs.bias']);
});

test('only classifiers read one position', () => {
  const heads: readonly HeadKind[] = ['lm', 'cls', 'reg', 'qa'];
  expect(heads.map((head) => decoderHead({ ...sizes, head }).pooling)).toEqual([
    'none',
    'last-token',
    'last-token',
    'none',
  ]);
});

test.each(['last-token', 'last-position'] as const)(
  'a classifier reads the %s',
  async (pooling) => {
    const random = randomStream('head');
    const tensors = [
      drawNormals(random, [2, 4, 3]),
      drawNormals(random, [2, 3]),
      intTensor([2], [1, 2]),
      intTensor([2, 4], [1, 1, 0, 0, 1, 1, 1, 0]),
    ];
    const { g, values } = inputGraph(tensors);
    const [hidden, weight, pooled, mask] = [0, 1, 2, 3].map((i) => at(values, i));
    const context = bareContext({
      g,
      parameters: {
        weight: () => present(weight),
        has: () => true,
        trains: () => false,
        adapter: () => undefined,
      },
      mask: present(mask),
      positions: present(mask),
    });
    const head = decoderHead({ ...sizes, head: 'cls', pooling });
    const row = pooling === 'last-token' ? pooled : undefined;
    const [found] = await evaluate(
      g,
      [head.logits(context, present(hidden), row)],
      feedsOf(tensors),
    );
    const [x, w] = [0, 1].map((i) => numbersOf(at(tensors, i)));
    for (const b of [0, 1]) {
      const place = pooling === 'last-position' ? 3 : b + 1;
      for (const label of [0, 1]) {
        const expected = total(
          [0, 1, 2].map((c) => pick(present(x), [b, place, c]) * pick(present(w), [label, c])),
        );
        expect(pick(numbersOf(present(found)), [b, label])).toBeCloseTo(expected, 6);
      }
    }
  },
);
