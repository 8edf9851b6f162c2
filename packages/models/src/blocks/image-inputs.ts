import type { ModelSpec, NextInputs, Tensors } from '@vflair/core/contract';
import { asInt, type IntTensor, intTensor } from '@vflair/core/tensor';
import { at, finding, present } from '@vflair/core/text';
import { type Grid, imagePositions } from './image-positions.js';
import { visionInputs } from './vision-tower.js';

/** What the tokens of images are, and how many patches each stands for. */
export interface ImageTokens {
  readonly imageToken: number;
  /** Width of a square of patches that one token stands for. */
  readonly merge: number;
  /** Numbers per patch. */
  readonly patchSize: number;
}

/**
 * Inputs of a text model that reads images: the patches of all images, rows × columns of each (`image_grid_thw`, frames
 * first), which tokens are images' (else those with the image's id), and positions in time, height and width (else
 * counted: see {@link imagePositions}).
 */
export function imageInputs(
  tokens: ImageTokens,
): Required<Pick<ModelSpec, 'inputs' | 'prepare' | 'next'>> {
  const { patchSize } = tokens;
  return {
    inputs: [
      { name: visionInputs.pixels, dtype: 'float32', shape: ['patches', patchSize] },
      { name: 'image_grid_thw', dtype: 'int64', shape: ['images', 3] },
      { name: 'mm_token_type_ids', dtype: 'int64', shape: ['batch', 'seq'] },
      { name: 'position_ids', dtype: 'int64', shape: [3, 'batch', 'seq'] },
      { name: 'pixel_values_videos', dtype: 'float32', shape: ['frames', patchSize] },
    ],
    prepare: (given) => prepare(given, tokens),
    next: (prompt, chosen) => next(prompt, chosen, tokens),
  };
}

function prepare(given: Tensors, tokens: ImageTokens): Tensors {
  if (given.pixel_values_videos)
    throw finding('VF580', 'the inputs have videos', 'only images are computed: leave them out');
  const { ids, mask } = {
    ids: asInt(present(given.ids, 'ids')),
    mask: asInt(present(given.mask, 'mask')),
  };
  const pixels = given[visionInputs.pixels];
  const grids = pixels ? gridsOf(given, tokens) : [];
  const types = given.mm_token_type_ids ? asInt(given.mm_token_type_ids) : undefined;
  const isImage = (i: number): boolean =>
    types ? types.data[i] === 1n : Number(ids.data[i]) === tokens.imageToken;
  if (pixels) checkCounts(ids, { grids, tokens, patches: pixels.shape[0] ?? 0 });
  const places = given.position_ids ?? imagePositions(mask, { isImage, grids });
  return { ...given, position_ids: places, ...(pixels ? patchInputs(grids, tokens.merge) : {}) };
}

/** Frames, rows and columns of each image, in vectors the text model reads. */
function gridsOf(given: Tensors, { merge }: ImageTokens): Grid[] {
  if (!given.image_grid_thw)
    throw finding(
      'VF580',
      'there are `pixel_values` and no `image_grid_thw`',
      'add it to the inputs',
    );
  const { shape, data } = asInt(given.image_grid_thw);
  return Array.from({ length: shape[0] ?? 0 }, (_, image) => {
    const [time, height, width] = [0, 1, 2].map((axis) => Number(data[3 * image + axis])) as [
      number,
      number,
      number,
    ];
    if (time > 0 && height > 0 && width > 0 && height % merge === 0 && width % merge === 0)
      return { time, height: height / merge, width: width / merge };
    throw finding(
      'VF580',
      `\`image_grid_thw\` of image ${image} is ${time} × ${height} × ${width}`,
      `rows and columns are multiples of ${merge}`,
    );
  });
}

function checkCounts(
  ids: IntTensor,
  found: {
    readonly grids: readonly Grid[];
    readonly tokens: ImageTokens;
    readonly patches: number;
  },
): void {
  const { grids, tokens, patches } = found;
  const squares = grids.reduce((sum, { time, height, width }) => sum + time * height * width, 0);
  const [wanted, own] = [
    squares * tokens.merge ** 2,
    ids.data.filter((id) => Number(id) === tokens.imageToken).length,
  ];
  if (patches !== wanted)
    throw finding('VF580', `there are ${patches} patches`, `\`image_grid_thw\` says ${wanted}`);
  if (own !== squares)
    throw finding(
      'VF580',
      `the ids have ${own} image tokens (${tokens.imageToken})`,
      `the images of \`image_grid_thw\` make ${squares} vectors`,
    );
}

/** Place and frame of each patch; the patches of one square stand one after the other. */
function patchInputs(grids: readonly Grid[], merge: number): Tensors {
  const [rows, columns, frames]: [number[], number[], number[]] = [[], [], []];
  let frame = 0;
  for (const { time, height, width } of grids) {
    for (let t = 0; t < time; t++, frame++) {
      for (let i = 0; i < height * width * merge ** 2; i++) {
        const [square, inside] = [Math.floor(i / merge ** 2), i % merge ** 2];
        rows.push(Math.floor(square / width) * merge + Math.floor(inside / merge));
        columns.push((square % width) * merge + (inside % merge));
        frames.push(frame);
      }
    }
  }
  const patches = frames.length;
  return {
    [visionInputs.places]: intTensor([2, 1, patches], [...rows, ...columns]),
    [visionInputs.frames]: intTensor([patches], frames),
  };
}

// First the prompt with its images; then one token per row, at the place after the largest one of its prompt.
function next(prompt: Tensors, chosen: IntTensor, tokens: ImageTokens): NextInputs {
  const [batch = 0, step = 0] = chosen.shape;
  const prepared = prepare(prompt, tokens);
  const [ids, mask] = [asInt(present(prepared.ids, 'ids')), asInt(present(prepared.mask, 'mask'))];
  const width = ids.shape[1] ?? 0;
  if (step === 0) {
    const zeros = intTensor(ids.shape, new BigInt64Array(ids.data.length));
    return { inputs: { ...prepared, positions: zeros, types: zeros }, added: mask };
  }
  const places = asInt(present(prepared.position_ids, 'position_ids')).data;
  const last = Array.from(
    { length: batch },
    (_, row) => largest(places, mask, { row, width }) + step,
  );
  const column = (values: readonly number[]): IntTensor => intTensor([batch, 1], values);
  const added = column(last.map(() => 1));
  const inputs = {
    ids: column(last.map((_, row) => Number(at([...chosen.data], (row + 1) * step - 1)))),
    mask: added,
    positions: column(last),
    types: column(last.map(() => 0)),
    position_ids: intTensor([3, batch, 1], [...last, ...last, ...last]),
  };
  return { inputs, added };
}

/** The largest position of a row's real tokens on any of the three axes. */
function largest(
  places: BigInt64Array<ArrayBufferLike>,
  mask: IntTensor,
  { row, width }: { readonly row: number; readonly width: number },
): number {
  const size = mask.data.length;
  const own = Array.from({ length: width }, (_, i) => row * width + i).filter(
    (i) => mask.data[i] === 1n,
  );
  return Math.max(
    -1,
    ...own.flatMap((i) => [0, 1, 2].map((axis) => Number(places[axis * size + i]))),
  );
}
