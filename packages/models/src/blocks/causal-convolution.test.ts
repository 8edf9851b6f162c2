import { floatTensor, randomStream } from '@vflair/core/tensor';
import {
  drawNormals,
  evaluate,
  feedsOf,
  fill,
  inputGraph,
  numbersOf,
  pick,
  total,
  worstDifference,
} from '@vflair/core/testing';
import { at, present } from '@vflair/core/text';
import { expect, test } from 'vitest';
import { causalConvolution } from './causal-convolution.js';

const [batch, width] = [2, 3];

/** What comes out and what is carried on, beside the same sums in double precision. */
async function run(kernel: number, seq: number, rows: number | undefined) {
  const random = randomStream(`convolution/${kernel}/${seq}`);
  const x = drawNormals(random, [batch, seq, width]);
  const weight = drawNormals(random, [width, 1, kernel]);
  const bias = drawNormals(random, [width]);
  const before = drawNormals(random, [rows ?? 1, kernel - 1, width]);
  const tensors = [x, weight, bias, ...(rows === undefined ? [] : [before])];
  const { g, values } = inputGraph(tensors, (i, axis, size) =>
    i === 0 && axis < 2
      ? axis === 0
        ? 'batch'
        : 'seq'
      : i === 3 && axis === 0 && size > 1
        ? 'batch'
        : size,
  );
  const convolution = { weight: at(values, 1), bias: at(values, 2), kernel };
  const { result, last } = causalConvolution(g, at(values, 0), convolution, values[3]);
  const [y, end] = await evaluate(g, [result, last], feedsOf(tensors));
  const [numbers, w, b] = [x, weight, bias].map(numbersOf);
  const zero = numbersOf(floatTensor([1, 1, 1], Float32Array.of(0)));
  const earlier = rows === undefined ? zero : numbersOf(before);
  /** Row t of what is convolved; rows before the first are those carried on. */
  const seen = (i: number, t: number, c: number): number => {
    if (t >= 0) return pick(present(numbers), [i, t, c]);
    return rows === undefined ? 0 : pick(earlier, [i, t + kernel - 1, c]);
  };
  const expected = fill([batch, seq, width], ([i = 0, t = 0, c = 0]) => {
    const terms = Array.from(
      { length: kernel },
      (_, j) => pick(present(w), [c, 0, j]) * seen(i, t - kernel + 1 + j, c),
    );
    return total(terms) + pick(present(b), [c]);
  });
  const kept = fill([batch, kernel - 1, width], ([i = 0, j = 0, c = 0]) =>
    seen(i, seq - kernel + 1 + j, c),
  );
  return { y: numbersOf(present(y)), end: numbersOf(present(end)), expected, kept };
}

test.each([
  { kernel: 4, seq: 6, rows: undefined },
  { kernel: 4, seq: 1, rows: undefined },
  { kernel: 4, seq: 1, rows: batch },
  { kernel: 4, seq: 2, rows: 1 },
  { kernel: 2, seq: 5, rows: batch },
])(
  'kernel $kernel over $seq rows after $rows windows is the sum of what it covers',
  async ({ kernel, seq, rows }) => {
    const { y, end, expected, kept } = await run(kernel, seq, rows);
    expect(worstDifference(y, expected)).toBeLessThan(1e-5);
    expect(end.shape).toEqual(kept.shape);
    expect(worstDifference(end, kept)).toBeLessThan(1e-6);
  },
);
