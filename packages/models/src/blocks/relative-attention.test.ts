import { createGraph, encodeModel, type Graph, type Value } from '@vflair/core/graph';
import { bareContext, Session } from '@vflair/core/session';
import {
  asFloat,
  type FloatTensor,
  floatTensor,
  intTensor,
  type Tensor,
} from '@vflair/core/tensor';
import { Bug, present } from '@vflair/core/text';
import { expect, test } from 'vitest';
import { type RelativeSizes, relativeAttention, relativeFrame } from './relative-attention.js';

const sizes: RelativeSizes = {
  hidden: 4,
  heads: 2,
  headSize: 2,
  isBidirectional: true,
  hasSameLength: false,
  hasBothDirections: false,
  clamp: undefined,
};

async function run(
  g: Graph,
  result: Value,
  feeds: { readonly [name: string]: Tensor },
): Promise<FloatTensor> {
  const session = await Session.open(encodeModel(g, new Map([['result', result]])));
  const found = await session.run(feeds);
  await session.close();
  return asFloat(present(found.result, 'result'));
}

function frameOf(own: RelativeSizes, mask: readonly number[]) {
  const g = createGraph();
  const weight = (key: string): never => {
    throw new Bug('VF923', key);
  };
  const parameters = { weight, has: () => false, adapter: () => undefined, trains: () => false };
  const seen = g.input('mask', 'int64', ['batch', 'seq']);
  const frame = relativeFrame(bareContext({ g, mask: seen, positions: seen, parameters }), own);
  return { g, frame, feeds: { mask: intTensor([1, mask.length], mask) } };
}

const rowsOf = ({ data }: FloatTensor, width: number): number[][] =>
  Array.from({ length: data.length / width }, (_, i) => [
    ...data.slice(i * width, (i + 1) * width),
  ]);

test.each([
  [{}, [2, 1, 0, -1]],
  [{ isBidirectional: false }, [2, 1, 0]],
  [{ clamp: 1 }, [1, 1, 0, -1]],
])('distances of two positions with %j are %j, as sines and cosines', async (extra, distances) => {
  const { g, frame, feeds } = frameOf({ ...sizes, ...extra }, [1, 1]);
  const found = rowsOf(await run(g, frame.distances, feeds), 4);
  expect(found).toHaveLength(distances.length);
  for (const [i, d] of distances.entries()) {
    const expected = [Math.sin(d), Math.sin(d / 100), Math.cos(d), Math.cos(d / 100)];
    for (const [k, value] of expected.entries()) expect(found[i]?.[k]).toBeCloseTo(value, 6);
  }
});

test('padding is hidden from everybody but itself, and from itself where it is asked for', async () => {
  const { g, frame, feeds } = frameOf(sizes, [1, 0, 1]);
  const seen = (data: FloatTensor) => rowsOf(data, 3).map((row) => row.map((x) => Number(x === 0)));
  expect(seen(await run(g, frame.hiddenContent, feeds))).toEqual([
    [1, 0, 1],
    [1, 1, 1],
    [1, 0, 1],
  ]);
  expect(seen(await run(g, g.identity(frame.hiddenQuery), feeds))).toEqual([[1, 0, 1]]);
});

const wave = (shape: readonly number[], speed: number): FloatTensor =>
  floatTensor(
    shape,
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) =>
      Math.sin(speed * (i + 1)),
    ),
  );

const feeds = {
  query: wave([1, 3, 4], 1.1),
  key: wave([1, 3, 4], 2.3),
  value: wave([1, 3, 4], 3.7),
  distance: wave([1, 6, 4], 0.7),
  content: wave([2, 2], 1.9),
  far: wave([2, 2], 2.9),
  type: wave([2, 2], 4.1),
  types: wave([2, 2, 2], 5.3),
  differs: floatTensor([1, 1, 3, 3], Float32Array.of(0, 1, 0, 1, 0, 1, 0, 1, 0)),
};

/** The formula, one score after the other: head h of query i, key j, whose distance i − j stands in row 3 − i + j. */
function expected(): number[] {
  const of = (tensor: FloatTensor, row: number, h: number): number[] =>
    [0, 1].map((k) => tensor.data[4 * row + 2 * h + k] ?? 0);
  const bias = (tensor: FloatTensor, h: number): number[] => [
    ...tensor.data.slice(2 * h, 2 * h + 2),
  ];
  const dot = (a: readonly number[], b: readonly number[]): number =>
    a.reduce((sum, x, k) => sum + x * (b[k] ?? 0), 0);
  const plus = (a: readonly number[], b: readonly number[]): number[] =>
    a.map((x, k) => x + (b[k] ?? 0));
  const result: number[] = [];
  for (const i of [0, 1, 2])
    for (const h of [0, 1]) {
      const q = of(feeds.query, i, h);
      const weights = [0, 1, 2].map((j) => {
        const kind = feeds.differs.data[3 * i + j] ?? 0;
        const score =
          dot(plus(q, bias(feeds.content, h)), of(feeds.key, j, h)) +
          dot(plus(q, bias(feeds.far, h)), of(feeds.distance, 3 - i + j, h)) +
          dot(plus(q, bias(feeds.type, h)), of(feeds.types, kind, h));
        return Math.exp(score / Math.sqrt(2));
      });
      const total = weights.reduce((a, b) => a + b);
      for (const k of [0, 1])
        result.push(
          weights.reduce((sum, w, j) => sum + (w / total) * (of(feeds.value, j, h)[k] ?? 0), 0),
        );
    }
  return result;
}

test('contents, distances and types add up as the formula says, key by key', async () => {
  const g = createGraph();
  const axes = { query: ['batch', 'seq', 4], differs: ['batch', 1, 'seq', 'seq'] };
  const input = (
    name: keyof typeof feeds,
    shape: readonly (number | string)[] = feeds[name].shape,
  ): Value => g.input(name, 'float32', shape);
  const query = input('query', axes.query);
  const result = relativeAttention(
    g,
    {
      query,
      key: input('key', axes.query),
      value: input('value', axes.query),
      distance: input('distance', [1, 'seq+seq', 4]),
    },
    {
      sizes,
      biases: {
        content: input('content'),
        distance: input('far'),
        type: input('type'),
        types: input('types'),
      },
      hidden: g.scalar(0),
      differs: input('differs', axes.differs),
    },
  );
  const found = await run(g, result, feeds);
  for (const [i, value] of expected().entries()) expect(found.data[i]).toBeCloseTo(value, 5);
});
