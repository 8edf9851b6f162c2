import type { NextInputs, Tensors } from '@vflair/core/contract';
import { asInt, type IntTensor, intTensor } from '@vflair/core/tensor';
import { present } from '@vflair/core/text';

/**
 * Inputs of a step of a model that remembers nothing: all tokens so far, int64 `[batch, prompt + chosen]`. A position is the
 * number of real tokens before it; a model without input for positions counts padding, too.
 */
export function wholePrompt(prompt: Tensors, chosen: IntTensor): NextInputs {
  const [ids, mask] = [asInt(present(prompt.ids, 'ids')), asInt(present(prompt.mask, 'mask'))];
  const [batch = 0, width = 0] = ids.shape;
  const count = chosen.shape[1] ?? 0;
  const seq = width + count;
  const grid = (value: (row: number, place: number) => bigint): IntTensor =>
    intTensor(
      [batch, seq],
      BigInt64Array.from({ length: batch * seq }, (_, i) => value(Math.floor(i / seq), i % seq)),
    );
  const real = grid((row, place) => (place < width ? (mask.data[row * width + place] ?? 0n) : 1n));
  let before = -1n;
  const positions = grid((row, place) => {
    before = (place === 0 ? -1n : before) + (real.data[row * seq + place] ?? 0n);
    return before < 0n ? 0n : before;
  });
  const inputs = {
    ids: grid((row, place) => {
      const [from, index] =
        place < width ? [ids, row * width + place] : [chosen, row * count + place - width];
      return from.data[index] ?? 0n;
    }),
    mask: real,
    positions,
    types: grid(() => 0n),
  };
  return { inputs, added: intTensor([batch, 0], []) };
}
