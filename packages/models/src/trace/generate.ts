import {
  type FloatTensor,
  floatTensor,
  type IntTensor,
  intTensor,
  type Tensor,
} from '@vflair/core/tensor';
import { at } from '@vflair/core/text';
import type { TracedModel } from './local-model.js';
import type { Prompts } from './trace-inputs.js';

/** How many steps show their logits. */
const SHOWN = 4;

/**
 * Greedy continuation of left-padded prompts by `count` tokens, never stopped, each part keeping a cache: `generated`
 * int64 `[batch, count]`, and `gen.logits.k` `[batch, vocabulary]` of the first steps. A position is the number of real
 * tokens before it, so padding moves nothing.
 */
export async function generate(
  model: TracedModel,
  { ids, mask }: Prompts,
  count: number,
): Promise<Map<string, Tensor>> {
  const [batch = 0] = ids.shape;
  const results = new Map<string, Tensor>();
  const chosen: number[][] = Array.from({ length: batch }, () => []);
  let fed: FedPositions = { ids, mask, positions: realBefore(mask) };
  for (let step = 0; step < count; step++) {
    const logits = lastRows(await model.next({ ...fed, types: zerosOf(fed.ids) }));
    if (step < SHOWN) results.set(`gen.logits.${step}`, logits);
    const tokens = largest(logits);
    for (const [row, token] of tokens.entries()) at(chosen, row).push(token);
    fed = following(tokens, countReal(mask), step);
  }
  return results.set('generated', intTensor([batch, count], chosen.flat()));
}

interface FedPositions {
  readonly ids: IntTensor;
  readonly mask: IntTensor;
  readonly positions: IntTensor;
}

/** One new token per row, `step` positions after the prompt. */
function following(
  tokens: readonly number[],
  lengths: readonly number[],
  step: number,
): FedPositions {
  const column = (values: readonly number[]): IntTensor => intTensor([values.length, 1], values);
  return {
    ids: column(tokens),
    mask: column(tokens.map(() => 1)),
    positions: column(lengths.map((length) => length + step)),
  };
}

/** Σ mask − 1 up to each position, 0 at padding. */
function realBefore(mask: IntTensor): IntTensor {
  const [, width = 1] = mask.shape;
  let seen = 0n;
  const data = mask.data.map((real, i) => {
    if (i % width === 0) seen = 0n;
    seen += real;
    return real === 0n || seen === 0n ? 0n : seen - 1n;
  });
  return intTensor(mask.shape, data);
}

function countReal({ shape, data }: IntTensor): number[] {
  const [batch = 0, width = 0] = shape;
  return Array.from({ length: batch }, (_, row) =>
    Number(data.subarray(row * width, (row + 1) * width).reduce((sum, real) => sum + real, 0n)),
  );
}

function zerosOf({ shape, data }: IntTensor): IntTensor {
  return intTensor(shape, new BigInt64Array(data.length));
}

/** `[batch, seq, vocabulary]` → the last position, `[batch, vocabulary]`. */
function lastRows({ shape, data }: FloatTensor): FloatTensor {
  const [batch = 0, seq = 1, width = 0] = shape;
  const last = new Float32Array(batch * width);
  for (let row = 0; row < batch; row++) {
    const start = (row * seq + seq - 1) * width;
    last.set(data.subarray(start, start + width), row * width);
  }
  return floatTensor([batch, width], last);
}

function largest({ shape, data }: FloatTensor): number[] {
  const [batch = 0, width = 0] = shape;
  return Array.from({ length: batch }, (_, row) => {
    const own = data.subarray(row * width, (row + 1) * width);
    return own.reduce((best, value, i) => (value > (own[best] ?? 0) ? i : best), 0);
  });
}
