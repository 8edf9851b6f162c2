import type { ModelConfig } from '@vflair/core/contract';
import { bareContext } from '@vflair/core/session';
import { intTensor, randomStream } from '@vflair/core/tensor';
import {
  drawNormals,
  evaluate,
  feedsOf,
  fill,
  inputGraph,
  type Numbers,
  numbersOf,
  pick,
  worstDifference,
} from '@vflair/core/testing';
import { at, Bug, present } from '@vflair/core/text';
import { expect, test } from 'vitest';
import { type Rope, readRope, rotate } from './rotary.js';

const [heads, headSize, seq] = [3, 8, 4];
const reading = { family: 'test', headSize, positions: 16 };
const none = (): never => {
  throw new Bug('VF990', 'turning has no parameters');
};

/** Rows before and after they are turned by their positions. */
async function turned(rope: Rope, positions: readonly number[]) {
  const rows = drawNormals(randomStream('rotary'), [2, seq, heads * headSize]);
  const places = intTensor([1, seq], positions);
  const { g, values } = inputGraph([rows, places]);
  const [x, position] = [at(values, 0), at(values, 1)];
  const context = bareContext({
    g,
    parameters: { weight: none, has: none, trains: none, adapter: none },
    mask: position,
    positions: position,
  });
  const y = rotate(context, x, { rope, headSize });
  const [found] = await evaluate(g, [y], feedsOf([rows, places]));
  return { before: numbersOf(rows), after: numbersOf(present(found)) };
}

/** Element d of each head with its partner, turned by position·frequency, in double precision. */
function reference(
  before: Numbers,
  { size, pairing, attentionFactor }: Rope,
  angle: (place: number, pair: number) => number,
): Numbers {
  const half = size / 2;
  return fill(before.shape, ([b = 0, s = 0, c = 0]) => {
    const [first, d] = [c - (c % headSize), c % headSize];
    const value = (element: number): number => pick(before, [b, s, first + element]);
    if (d >= size) return value(d);
    const isHalf = pairing === 'half';
    const pair = isHalf ? d % half : Math.floor(d / 2);
    const [low, high] = isHalf ? [pair, pair + half] : [2 * pair, 2 * pair + 1];
    const [cos, sin] = [Math.cos, Math.sin].map((f) => attentionFactor * f(angle(s, pair)));
    return d === low
      ? value(low) * present(cos) - value(high) * present(sin)
      : value(high) * present(cos) + value(low) * present(sin);
  });
}

const places = [0, 3, 7, 11];
const plainAngle = (rope: Rope) => (place: number, pair: number) =>
  at(places, place) * 10000 ** ((-2 * pair) / rope.size);

test.each([
  { pairing: 'half' },
  { pairing: 'interleaved' },
  { pairing: 'half', partial: 0.5 },
  { pairing: 'interleaved', partial: 0.75 },
] as const)('pairs are turned by their angle: %j', async (way) => {
  const rope = readRope({}, { ...reading, ...way });
  const { before, after } = await turned(rope, places);
  expect(worstDifference(after, reference(before, rope, plainAngle(rope)))).toBeLessThan(2e-6);
});

test('an attention factor multiplies what is turned', async () => {
  const config = { rope_scaling: { type: 'yarn', factor: 1, attention_factor: 1.5 } };
  const rope = readRope(config, reading);
  const { before, after } = await turned(rope, places);
  expect(worstDifference(after, reference(before, rope, plainAngle(rope)))).toBeLessThan(2e-6);
});

test('dynamic frequencies follow the longest position there is', async () => {
  const rope = readRope({ rope_scaling: { type: 'dynamic', factor: 3 } }, reading);
  for (const last of [15, 40]) {
    const found = await turned(rope, [0, 1, 2, last]);
    const grown = (3 * Math.max(last + 1, 16)) / 16 - 2;
    const base = 10000 * grown ** (headSize / (headSize - 2));
    const angle = (place: number, pair: number): number =>
      at([0, 1, 2, last], place) * base ** ((-2 * pair) / headSize);
    expect(worstDifference(found.after, reference(found.before, rope, angle))).toBeLessThan(5e-6);
  }
});

test('long rope changes its divisors above the original length', async () => {
  const [short, long] = [
    [1, 2, 3, 4],
    [5, 6, 7, 8],
  ];
  const scaling = { type: 'longrope', short_factor: short, long_factor: long, factor: 1 };
  const config = { rope_scaling: { ...scaling, original_max_position_embeddings: 12 } };
  const rope = readRope(config, reading);
  for (const last of [11, 12]) {
    const found = await turned(rope, [0, 1, 2, last]);
    const divisors = last < 12 ? short : long;
    const angle = (place: number, pair: number): number =>
      (at([0, 1, 2, last], place) * 10000 ** ((-2 * pair) / headSize)) / at(divisors ?? [], pair);
    expect(worstDifference(found.after, reference(found.before, rope, angle))).toBeLessThan(5e-6);
  }
});

test('old and new spellings of a config mean the same', () => {
  const partial = { ...reading, partial: 1 };
  const both = (old: ModelConfig, now: ModelConfig): void => {
    expect(readRope(old, partial)).toEqual(readRope(now, partial));
  };
  both(
    { rope_theta: 500, partial_rotary_factor: 0.5, rope_scaling: null },
    { rope_parameters: { rope_type: 'default', rope_theta: 500, partial_rotary_factor: 0.5 } },
  );
  both(
    { rope_theta: 500, rope_scaling: { type: 'linear', factor: 2 } },
    { rope_parameters: { rope_type: 'linear', rope_theta: 500, factor: 2 } },
  );
});

test('what cannot be turned is a finding', () => {
  const partial = { ...reading, partial: 1 };
  expect(() => readRope({ partial_rotary_factor: 0.4 }, partial)).toThrow('VF523');
  expect(() => readRope({ partial_rotary_factor: 2 }, partial)).toThrow('VF523');
  expect(() => readRope({ rope_scaling: { rope_type: 'x' } }, reading)).toThrow('VF532');
  expect(() => readRope({ rope_scaling: 3 }, reading)).toThrow('VF530');
  expect(readRope({ partial_rotary_factor: 0.5 }, reading).size).toBe(headSize);
});
