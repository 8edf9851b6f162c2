import type { InputSpec, ModelSpec, Tensors } from '@vflair/core/contract';
import type { IntTensor, Tensor } from '@vflair/core/tensor';
import { finding } from '@vflair/core/text';

/** Reads tensors of an input file by their names without prefix. */
export interface InputReader {
  readonly has: (name: string) => boolean;
  readonly int: (name: string) => IntTensor;
  /** Numbers as float32, whatever they are stored as. */
  readonly number: (name: string) => Tensor;
}

/** Whether a family has an input of its own under this name. */
export function hasOwn(spec: ModelSpec, name: string): boolean {
  return (spec.inputs ?? []).some((input) => input.name === name);
}

/**
 * The inputs of the family's own that a file has. `sizes` are those of named axes known so far; others are added to it.
 * Throws Findings VF580 for one whose shape doesn't fit.
 */
export function readOwnInputs(
  read: InputReader,
  spec: ModelSpec,
  sizes: Map<string, number>,
): Tensors {
  const found = (spec.inputs ?? []).flatMap((input) => {
    if (!read.has(input.name)) return [];
    const tensor = input.dtype === 'int64' ? read.int(input.name) : read.number(input.name);
    checkAxes(tensor, input, sizes);
    return [[input.name, tensor] as const];
  });
  return Object.fromEntries(found);
}

function checkAxes(
  { shape }: Tensor,
  { name, shape: axes }: InputSpec,
  sizes: Map<string, number>,
): void {
  const isRight =
    shape.length === axes.length &&
    axes.every((axis, i) => {
      const size = shape[i] ?? 0;
      if (typeof axis === 'number') return axis === size;
      const known = sizes.get(axis) ?? size;
      sizes.set(axis, known);
      return known === size;
    });
  if (isRight) return;
  const wanted = axes.map((axis) => (typeof axis === 'number' ? axis : (sizes.get(axis) ?? axis)));
  throw finding(
    'VF580',
    `\`${name}\` has shape [${shape.join(', ')}]`,
    `it should be [${wanted.join(', ')}]`,
  );
}
