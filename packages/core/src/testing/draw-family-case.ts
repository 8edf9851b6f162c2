import { labelShapes, type ModelSpec, type Tensors } from '../contract/index.js';
import {
  type FloatTensor,
  floatTensor,
  type IntTensor,
  intTensor,
  type Random,
  type Tensor,
} from '../tensor/index.js';
import { at, present } from '../text/index.js';
import { drawIntegers, drawNormals } from './draws.js';

/** A model with random weights, and a batch of two rows, the second padded on the right. */
export interface FamilyCase {
  readonly spec: ModelSpec;
  readonly weights: ReadonlyMap<string, FloatTensor>;
  readonly inputs: Tensors;
  readonly labels: Tensor;
}

/** Tokens of each row of a case. */
export const lengths = [5, 3] as const;
/** Positions of a case, padding included. */
export const width = 5;

/**
 * Draws weights (normal with σ 0.3 around 1 or 0), tokens and labels for a spec, and prepares its inputs; `given` are inputs
 * of the family's own, or replace what is drawn.
 */
export function drawFamilyCase(spec: ModelSpec, random: Random, given: Tensors = {}): FamilyCase {
  const weights = spec.parameters.map(({ key, shape, init }) => {
    const middle = init === 'ones' ? 1 : 0;
    const { data } = drawNormals(random.stream(key), shape);
    return [
      key,
      floatTensor(
        shape,
        data.map((x) => middle + 0.3 * x),
      ),
    ] as const;
  });
  const inputs = { ...drawInputs(spec, random), ...given };
  const labels = drawLabels(spec, random);
  return {
    spec,
    weights: new Map(weights),
    inputs: spec.prepare?.({ ...inputs, labels }) ?? inputs,
    labels,
  };
}

function drawInputs(spec: ModelSpec, random: Random): Tensors {
  const grid = (value: (row: number, place: number) => number): IntTensor =>
    intTensor(
      [lengths.length, width],
      Array.from({ length: lengths.length * width }, (_, i) =>
        value(Math.floor(i / width), i % width),
      ),
    );
  const real = (row: number, place: number): boolean => place < at(lengths, row);
  const pad = spec.padToken ?? 0;
  return {
    ids: grid((row, place) => {
      const id = random.integer(spec.vocabulary);
      if (!real(row, place)) return pad;
      return id === pad ? (pad + 1) % spec.vocabulary : id;
    }),
    mask: grid((row, place) => Number(real(row, place))),
    positions: grid((_, place) => place),
    types: grid(() => random.integer(2)),
    pooled: intTensor(
      [lengths.length],
      lengths.map((length) => length - 1),
    ),
  };
}

function drawLabels(spec: ModelSpec, random: Random): Tensor {
  const names: { readonly [name: string]: number } = {
    batch: lengths.length,
    seq: width,
    target: width,
  };
  const { dtype, shape } = labelShapes[spec.head];
  const fixed = shape.map((dim) => (typeof dim === 'number' ? dim : present(names[dim], dim)));
  if (dtype === 'float32') return drawNormals(random, fixed);
  const below = spec.head === 'qa' ? width : spec.head === 'cls' ? spec.labels : spec.vocabulary;
  return drawIntegers(random, fixed, below);
}
