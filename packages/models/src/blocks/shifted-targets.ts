import type { HeadKind, ModelSpec, NextInputs, Tensors } from '@vflair/core/contract';
import { asInt, type IntTensor, intTensor } from '@vflair/core/tensor';
import { finding, present } from '@vflair/core/text';

/** The decoder behind an encoder: what it begins with, and what it reads where nothing counts. */
export interface Targets {
  readonly head: HeadKind;
  readonly start: number;
  readonly padToken: number;
  readonly endToken: number;
}

const decoderIds = 'decoder_input_ids';

/**
 * Inputs of an encoder–decoder besides the encoder's: the decoder reads `decoder_input_ids`, or else the labels (of other
 * heads than `seq2seq` the ids) one place later, behind the start token; it sees all of them, but for the causal mask,
 * unless `decoder_attention_mask` is given. A classifier reads the decoder where the ids have their last end token.
 */
export function targetInputs(targets: Targets): Pick<ModelSpec, 'inputs' | 'prepare' | 'next'> {
  const shape = ['batch', 'target'];
  return {
    inputs: [
      { name: decoderIds, dtype: 'int64', shape },
      { name: 'decoder_attention_mask', dtype: 'int64', shape },
    ],
    prepare: (given) => prepare(given, targets),
    next: (prompt, chosen) => next(prompt, chosen, targets),
  };
}

function prepare(given: Tensors, targets: Targets): Tensors {
  const { labels, ...inputs } = given;
  const ids = asInt(present(given.ids, 'ids'));
  const source = targets.head === 'seq2seq' ? labels : ids;
  if (!given[decoderIds] && !source)
    throw finding(
      'VF580',
      'the decoder has nothing to read',
      'add `labels` or `decoder_input_ids` to the inputs',
    );
  const decoder = source ? { [decoderIds]: shiftRight(asInt(source), targets) } : {};
  const isPooled = targets.head === 'cls' || targets.head === 'reg';
  const pooled = isPooled ? { pooled: lastEnds(ids, targets.endToken) } : {};
  return { ...decoder, ...inputs, ...pooled };
}

/** yₜ = xₜ₋₁, y₀ the start token; −100 becomes padding. */
function shiftRight({ shape, data }: IntTensor, { start, padToken }: Targets): IntTensor {
  const width = shape[1] ?? 1;
  const shifted = Array.from(data, (_, i) => {
    if (i % width === 0) return start;
    const before = Number(data[i - 1]);
    return before === -100 ? padToken : before;
  });
  return intTensor(shape, shifted);
}

function lastEnds({ shape, data }: IntTensor, endToken: number): IntTensor {
  const [rows = 0, width = 0] = shape;
  const places = Array.from({ length: rows }, (_, row) => {
    const place = data.subarray(row * width, (row + 1) * width).lastIndexOf(BigInt(endToken));
    if (place >= 0) return place;
    throw finding(
      'VF580',
      `row ${row} of the ids has no token ${endToken}`,
      'the classifier reads the place of the last end token: end each text with one',
    );
  });
  return intTensor([rows], places);
}

// The encoder reads the prompt again; the decoder one new token, behind a cache of the others.
function next(prompt: Tensors, chosen: IntTensor, { start }: Targets): NextInputs {
  const [ids, mask] = [asInt(present(prompt.ids, 'ids')), asInt(present(prompt.mask, 'mask'))];
  const [batch = 0, step = 0] = chosen.shape;
  const last = Array.from({ length: batch }, (_, row) =>
    step === 0 ? start : Number(chosen.data[(row + 1) * step - 1]),
  );
  const zeros = intTensor(ids.shape, new BigInt64Array(ids.data.length));
  const inputs = {
    ids,
    mask,
    positions: zeros,
    types: zeros,
    [decoderIds]: intTensor([batch, 1], last),
  };
  const added = intTensor(
    [batch, 1],
    last.map(() => 1),
  );
  return { inputs, added };
}
