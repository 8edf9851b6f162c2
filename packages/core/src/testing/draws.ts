import {
  type FloatTensor,
  floatTensor,
  type IntTensor,
  intTensor,
  type Random,
  sizeOf,
  type Tensor,
} from '../tensor/index.js';

/** A number of axes and their sizes, 1 to 4 each; now and then 0 where `empty` allows it. */
export function drawShape(
  random: Random,
  range: { readonly least: number; readonly most: number; readonly empty?: boolean },
): number[] {
  const rank = range.least + random.integer(range.most - range.least + 1);
  const hole = range.empty && random.integer(8) === 0 ? random.integer(Math.max(rank, 1)) : -1;
  return Array.from({ length: rank }, (_, axis) => (axis === hole ? 0 : 1 + random.integer(4)));
}

/** A shape that stretches to `shape`: some axes are 1, some leading ones are missing. */
export function drawNarrower(random: Random, shape: readonly number[]): number[] {
  const dropped = random.integer(shape.length + 1) * random.integer(2);
  return shape.slice(dropped).map((size) => (random.integer(3) === 0 ? 1 : size));
}

/** Two shapes of which either may stretch to the other's, axis by axis. */
export function drawPair(random: Random, shape: readonly number[]): [number[], number[]] {
  const one = drawNarrower(random, shape);
  const whole = [...shape];
  return random.integer(2) === 0 ? [one, whole] : [whole, one];
}

/** Standard normal numbers. */
export function drawNormals(random: Random, shape: readonly number[]): FloatTensor {
  return floatTensor(shape, Float32Array.from({ length: sizeOf(shape) }, random.normal));
}

/** Numbers of [0.5, 2). */
export function drawPositives(random: Random, shape: readonly number[]): FloatTensor {
  const data = Float32Array.from({ length: sizeOf(shape) }, () => 0.5 + 1.5 * random.uniform());
  return floatTensor(shape, data);
}

/** Numbers of [0.5, 2) with a random sign. */
export function drawNonZero(random: Random, shape: readonly number[]): FloatTensor {
  const { data } = drawPositives(random, shape);
  return floatTensor(
    shape,
    data.map((x) => (random.integer(2) === 0 ? x : -x)),
  );
}

/** Integers of [0, below). */
export function drawIntegers(random: Random, shape: readonly number[], below: number): IntTensor {
  return intTensor(
    shape,
    Array.from({ length: sizeOf(shape) }, () => random.integer(below)),
  );
}

/** Truth values. */
export function drawBools(random: Random, shape: readonly number[]): Tensor<'bool'> {
  const data = Uint8Array.from({ length: sizeOf(shape) }, () => random.integer(2));
  return { dtype: 'bool', shape, data };
}
