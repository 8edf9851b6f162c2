import type { ModelSpec, NextInputs, Tensors } from '@vflair/core/contract';
import {
  asInt,
  type FloatTensor,
  floatTensor,
  type IntTensor,
  indexOfLargest,
  intTensor,
  type Tensor,
} from '@vflair/core/tensor';
import { at, present } from '@vflair/core/text';
import type { TracedModel } from './local-model.js';

/** How many steps show their logits. */
const SHOWN = 4;

/**
 * Greedy continuation of prompts by `count` tokens, never stopped, each part keeping its cache: `generated` int64
 * `[batch, count]`, and `gen.logits.k` `[batch, vocabulary]` of the first steps.
 */
export async function generate(
  model: TracedModel,
  { prompts, next = nextPositions }: { prompts: Tensors; next: ModelSpec['next'] },
  count: number,
): Promise<Map<string, Tensor>> {
  const [batch = 0] = present(prompts.ids, 'ids').shape;
  const results = new Map<string, Tensor>();
  const chosen: number[][] = Array.from({ length: batch }, () => []);
  for (let step = 0; step < count; step++) {
    const logits = onePosition(
      await model.next(next(prompts, intTensor([batch, step], chosen.flat()))),
    );
    if (step < SHOWN) results.set(`gen.logits.${step}`, logits);
    for (const [row, token] of largest(logits).entries()) at(chosen, row).push(token);
  }
  return results.set('generated', intTensor([batch, count], chosen.flat()));
}

/** The prompts, left-padded, then one new token per row. A position is the number of real tokens before it: padding moves nothing. */
function nextPositions(prompts: Tensors, chosen: IntTensor): NextInputs {
  const [ids, mask] = [asInt(present(prompts.ids, 'ids')), asInt(present(prompts.mask, 'mask'))];
  const [batch = 0, step = 0] = chosen.shape;
  if (step === 0) {
    const inputs = { ids, mask, positions: realBefore(mask), types: zerosOf(ids) };
    return { inputs, added: mask };
  }
  const column = (values: readonly number[]): IntTensor => intTensor([batch, 1], values);
  const lengths = countReal(mask);
  const added = column(lengths.map(() => 1));
  const inputs = {
    ids: column(lengths.map((_, row) => Number(chosen.data[(row + 1) * step - 1]))),
    mask: added,
    positions: column(lengths.map((length) => length + step - 1)),
    types: column(lengths.map(() => 0)),
  };
  return { inputs, added };
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

/** Logits of the one position a step gives, `[batch, 1, vocabulary]` → `[batch, vocabulary]`. */
function onePosition({ shape: [batch = 0, , width = 0], data }: FloatTensor): FloatTensor {
  return floatTensor([batch, width], data);
}

function largest({ shape: [batch = 0, width = 0], data }: FloatTensor): number[] {
  return Array.from({ length: batch }, (_, row) =>
    indexOfLargest(data.subarray(row * width, (row + 1) * width)),
  );
}
