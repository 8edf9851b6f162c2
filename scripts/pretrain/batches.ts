import type { Tensors } from '@vflair/core/contract';
import { intTensor, type Random } from '@vflair/core/tensor';
import { type MaskVocabulary, maskTokens, type Source, Windows } from '@vflair/models/pretrain';
import type { Material } from './material.ts';
import { LENGTH, type Recipe, STEP_TOKENS } from './recipes.ts';

/** Ids `[CLS]`, `[SEP]`, `[MASK]` and the first ordinary one, as the trained WordPiece vocabularies have them. */
const CLS = 2;
const SEP = 3;
const MASK = 4;
const FIRST_WORD = 5;

/** Inputs of one training step, by step: a function of the seed and the step alone. */
export type Batches = (step: number) => Tensors;

/** Batches of a recipe over token streams. */
export function batchesOf(
  recipe: Recipe,
  { train, spec }: Pick<Material, 'train' | 'spec'>,
  random: Random,
): Batches {
  if (recipe.head === 'lm') return causalBatches(train, random);
  return maskedBatches(train, { count: recipe.masked, vocabulary: spec.vocabulary }, random);
}

/** Three steps in four see short windows, which cost less; the fourth trains the later positions. */
function isLong(step: number): boolean {
  return step % 4 === 3;
}

function layout(step: number): { readonly batch: number; readonly seq: number } {
  const seq = isLong(step) ? LENGTH : LENGTH / 2;
  return { batch: STEP_TOKENS / seq, seq };
}

const PER_STEP = STEP_TOKENS / LENGTH;

// A window holds one token more than is read, the label of the last; halves share the token between them.
function causalBatches(sources: readonly Source[], random: Random): Batches {
  const windows = new Windows(sources, LENGTH + 1, random.stream('windows'));
  return (step) => {
    const ids = new Int32Array(STEP_TOKENS);
    const labels = new Int32Array(STEP_TOKENS);
    for (let row = 0; row < PER_STEP; row++) {
      const window = windows.window(step * PER_STEP + row);
      ids.set(window.subarray(0, LENGTH), row * LENGTH);
      labels.set(window.subarray(1), row * LENGTH);
    }
    return { ...inputsOf(ids, layout(step)), labels: intTensor([STEP_TOKENS], labels) };
  };
}

function maskedBatches(
  sources: readonly Source[],
  { count, vocabulary: size }: { count: number; vocabulary: number },
  random: Random,
): Batches {
  const windows = new Windows(sources, LENGTH, random.stream('windows'));
  const vocabulary: MaskVocabulary = { mask: MASK, firstWord: FIRST_WORD, size };
  return (step) => {
    const shape = layout(step);
    const ids = new Int32Array(STEP_TOKENS);
    for (let row = 0; row < PER_STEP; row++)
      ids.set(windows.window(step * PER_STEP + row), row * LENGTH);
    for (let row = 0; row < shape.batch; row++) {
      ids[row * shape.seq] = CLS;
      ids[(row + 1) * shape.seq - 1] = SEP;
    }
    const masked = maskTokens(ids, count, vocabulary, random.stream(`mask ${step}`));
    return {
      ...inputsOf(masked.ids, shape),
      labels: intTensor([count], masked.labels),
      places: intTensor([count], masked.places),
    };
  };
}

/** Ids `[batch·seq]` as the inputs of a model, without padding. */
export function inputsOf(ids: Int32Array, { batch, seq }: { batch: number; seq: number }): Tensors {
  const shape = [batch, seq];
  return {
    ids: intTensor(shape, ids),
    mask: intTensor(shape, new Int32Array(ids.length).fill(1)),
    positions: intTensor(
      shape,
      ids.map((_, i) => i % seq),
    ),
    types: intTensor(shape, new Int32Array(ids.length)),
  };
}
