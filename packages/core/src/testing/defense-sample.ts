import type {
  DefenseContext,
  DefenseDefinition,
  Fields,
  HookPoint,
  Params,
  Phase,
} from '../contract/index.js';
import {
  type FloatTensor,
  floatTensor,
  type IntTensor,
  intTensor,
  randomStream,
  sizeOf,
} from '../tensor/index.js';

/** A message, and which of its positions hold a token. */
export interface Sample {
  readonly tensor: FloatTensor;
  readonly mask: IntTensor;
}

/** Where, when and with which noise a defense is applied. */
export interface Occasion {
  readonly point?: HookPoint;
  readonly phase?: Phase;
  readonly step?: number;
  readonly stream?: string;
}

/** Normal numbers of a given size: rows of `lengths` tokens, padded on the right, padding not zero. */
export function drawSample(lengths: readonly number[], width: number, spread = 1): Sample {
  const length = Math.max(1, ...lengths);
  const random = randomStream('defense-kit');
  const shape = [lengths.length, length, width];
  const data = Float32Array.from({ length: sizeOf(shape) }, () => spread * random.normal());
  const mask = lengths.flatMap((own) => Array.from({ length }, (_, s) => Number(s < own)));
  return { tensor: floatTensor(shape, data), mask: intTensor([lengths.length, length], mask) };
}

/** The gradient of class logits, one row per sample. */
export function labelSample(rows: number, labels: number): Sample {
  const { tensor } = drawSample(new Array<number>(rows).fill(1), labels);
  const ones = new Array<number>(rows).fill(1);
  return { tensor: floatTensor([rows, labels], tensor.data), mask: intTensor([rows, 1], ones) };
}

/** The context of a defense on one occasion: test, step 0, its first point and the stream `noise` unless said otherwise. */
export function contextOf<F extends Fields>(
  defense: DefenseDefinition<F>,
  params: Params<F>,
  { mask }: Pick<Sample, 'mask'>,
  occasion: Occasion = {},
): DefenseContext<F> {
  const { phase = 'test', step = 0, stream = 'noise' } = occasion;
  const point = occasion.point ?? defense.at[0] ?? 'forward-out';
  return { params, point, phase, step, mask, rng: randomStream(stream) };
}

/** The elements of each position, real or not. */
export function positionsOf({ tensor, mask }: Sample): {
  readonly isReal: boolean;
  readonly row: number;
  readonly elements: (other: FloatTensor) => Float32Array;
}[] {
  const width = tensor.data.length / Math.max(mask.data.length, 1);
  const length = mask.shape[1] ?? 1;
  return [...mask.data].map((value, place) => ({
    isReal: value === 1n,
    row: Math.floor(place / length),
    elements: ({ data }) => data.subarray(place * width, (place + 1) * width),
  }));
}

/** Whether two vectors agree bit by bit (and NaN with NaN). */
export function isSame(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  return a.length === b.length && Array.from(a).every((x, i) => Object.is(x, b[i]));
}
