import { expect, test } from 'vitest';
import type { ModelSpec, PackedWeight, SlicePlan } from '../contract/index.js';
import { smallModel } from '../testing/index.js';
import { packedKeys, packedWeights } from './packed-keys.js';

const parameter = (key: string, places: ModelSpec['parameters'][number]['places'], rank = 2) =>
  ({ key, places, shape: Array.from({ length: rank }, () => 4), init: 'normal' }) as const;

const spec: ModelSpec = {
  ...smallModel(),
  blocks: 3,
  parameters: [
    parameter('table', ['embed', 'output']),
    parameter('project', ['embed']),
    parameter('first', [0]),
    parameter('shared', [1, 2]),
    parameter('norm', [1], 1),
    parameter('last', [2]),
  ],
};

function slicesOf(head?: 4 | 8, body?: 4 | 8, tail?: 4 | 8): readonly SlicePlan[] {
  const bits = (quantize: 4 | 8 | undefined) => (quantize ? { quantize } : {});
  return [
    { name: 'head', from: 'embed', to: 0, owner: 'client', role: 'head', ...bits(head) },
    { name: 'body', from: 1, to: 1, owner: 'server', role: 'body', ...bits(body) },
    { name: 'tail', from: 2, to: 'output', owner: 'client', role: 'tail', ...bits(tail) },
  ];
}

const keysOf = (slices: readonly SlicePlan[], use: 'map' | 'table'): object =>
  Object.fromEntries(packedKeys({ slices }, spec, use));

test('a tied table is rounded where it is looked up by the head, and as output matrix by the tail', () => {
  expect(keysOf(slicesOf(4), 'table')).toEqual({ table: 4, project: 4 });
  expect(keysOf(slicesOf(4), 'map')).toEqual({ project: 4, first: 4 });
  expect(keysOf(slicesOf(undefined, undefined, 8), 'table')).toEqual({});
  expect(keysOf(slicesOf(undefined, undefined, 8), 'map')).toEqual({
    table: 8,
    shared: 8,
    last: 8,
  });
});

test('a matrix that two slices share has the more bits, in either order; vectors have none', () => {
  expect(keysOf(slicesOf(undefined, 4, 8), 'map')).toEqual({ shared: 8, table: 8, last: 8 });
  expect(keysOf(slicesOf(undefined, 8, 4), 'map')).toEqual({ shared: 8, table: 4, last: 4 });
  expect(keysOf(slicesOf(undefined, 4), 'map')).toEqual({ shared: 4 });
});

test('the model in one piece is rounded where its slices are', () => {
  const slices = slicesOf(8, 4);
  const whole: SlicePlan = {
    ...{ name: 'whole', from: 'embed', to: 'output', owner: 'client', role: 'head' },
    insteadOf: slices,
  };
  for (const use of ['map', 'table'] as const)
    expect(keysOf([whole], use)).toEqual(keysOf(slices, use));
});

test('blocks are asked for with the bits of the plan, and only for what is rounded', () => {
  const asked: unknown[] = [];
  const packed = (key: string, bits: 4 | 8): PackedWeight => {
    asked.push([key, bits]);
    const none = { dtype: 'uint8', shape: [0], data: new Uint8Array(0) } as const;
    return { bits, columns: 0, values: none, scales: none };
  };
  const weights = packedWeights({ slices: slicesOf(4) }, { spec, packed });
  expect(weights.packed?.('table', 'map')).toBeUndefined();
  expect(weights.packed?.('table', 'table')).toMatchObject({ bits: 4 });
  expect(asked).toEqual([['table', 4]]);
});
