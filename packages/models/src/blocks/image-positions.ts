import { type IntTensor, intTensor } from '@vflair/core/tensor';
import { finding } from '@vflair/core/text';

/** Frames, rows and columns of an image, in the vectors that stand for it in a text. */
export interface Grid {
  readonly time: number;
  readonly height: number;
  readonly width: number;
}

/**
 * Positions in time, height and width, int64 `[3, batch, seq]`, from a mask `[batch, seq]`: text counts all three on; the
 * tokens of an image count frames, rows and columns from the next position on, and text goes on after the largest of them;
 * padding has 0. `isImage` says of a place in the batch whether it is an image's; images come in the order of `grids`.
 * Wang et al. 2024, arXiv:2409.12191, §2.1. Throws Findings VF580 where tokens and images don't match.
 */
export function imagePositions(
  mask: IntTensor,
  {
    isImage,
    grids,
  }: { readonly isImage: (place: number) => boolean; readonly grids: readonly Grid[] },
): IntTensor {
  const [batch = 0, width = 0] = mask.shape;
  const size = batch * width;
  const positions = new BigInt64Array(3 * size);
  const images = grids[Symbol.iterator]();
  for (let row = 0; row < batch; row++) {
    const real = Array.from({ length: width }, (_, i) => row * width + i).filter(
      (place) => mask.data[place] === 1n,
    );
    let next = 0;
    for (let i = 0; i < real.length; ) {
      const grid = isImage(real[i] ?? 0) && grids.length > 0 ? nextImage(images) : undefined;
      const steps = grid ? stepsOf(grid) : [[0, 0, 0]];
      checkRoom(real.slice(i, i + steps.length), { steps, isImage, isText: !grid });
      for (const [k, step] of steps.entries())
        for (const [axis, own] of step.entries())
          positions[axis * size + (real[i + k] ?? 0)] = BigInt(next + own);
      next += 1 + Math.max(...steps.flat());
      i += steps.length;
    }
  }
  return intTensor([3, batch, width], positions);
}

/** Frame, row and column of each vector of an image. */
function stepsOf({ time, height, width }: Grid): number[][] {
  return Array.from({ length: time * height * width }, (_, i) => [
    Math.floor(i / (height * width)),
    Math.floor(i / width) % height,
    i % width,
  ]);
}

function nextImage(images: Iterator<Grid>): Grid {
  const { value, done } = images.next();
  if (!done) return value;
  throw mismatch();
}

function checkRoom(
  places: readonly number[],
  {
    steps,
    isImage,
    isText,
  }: { steps: readonly unknown[]; isImage: (place: number) => boolean; isText: boolean },
): void {
  if (!isText && !(places.length === steps.length && places.every(isImage))) throw mismatch();
}

function mismatch(): Error {
  return finding(
    'VF580',
    'the image tokens of the ids are not those of `image_grid_thw`',
    'each image has one run of tokens, as many as it has vectors',
  );
}
