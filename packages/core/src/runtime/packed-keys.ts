import type { ModelSpec, PipelinePlan, SlicePlan } from '../contract/index.js';
import { partOf } from '../party/index.js';
import type { LoadedModel } from '../run/index.js';
import { belongs, type PackedUse, type Part, type Weights } from '../session/index.js';

type Parameter = ModelSpec['parameters'][number];

/**
 * Bits of the matrices of quantised slices, by their use and checkpoint key. One that several slices share has the most
 * that one of them says, so that a cut doesn't change what is computed.
 */
export function packedKeys(
  { slices }: Pick<PipelinePlan, 'slices'>,
  spec: ModelSpec,
  use: PackedUse,
): ReadonlyMap<string, 4 | 8> {
  const found = new Map<string, 4 | 8>();
  for (const slice of slices.flatMap((one): readonly SlicePlan[] => one.insteadOf ?? [one])) {
    if (slice.quantize === undefined) continue;
    const part = partOf(slice, spec.blocks);
    for (const parameter of spec.parameters) {
      if (!isUsed(part, parameter, use)) continue;
      if (found.get(parameter.key) !== 8) found.set(parameter.key, slice.quantize);
    }
  }
  return found;
}

// What is at the embedding and elsewhere, too, is a table here and a linear map there.
function isUsed(part: Part, { places, shape }: Parameter, use: PackedUse): boolean {
  if (shape.length !== 2) return false;
  if (use === 'table') return part.embed && places.includes('embed');
  const maps = places.length > 1 ? places.filter((place) => place !== 'embed') : places;
  return belongs(part, maps);
}

/** Where the blocks of a pipeline's quantised slices come from. */
export function packedWeights(
  pipeline: Pick<PipelinePlan, 'slices'>,
  { spec, packed }: Pick<LoadedModel, 'spec' | 'packed'>,
): Pick<Weights, 'packed'> {
  const bits = {
    map: packedKeys(pipeline, spec, 'map'),
    table: packedKeys(pipeline, spec, 'table'),
  };
  return {
    packed: (key, use) => {
      const own = bits[use].get(key);
      return own && packed(key, own);
    },
  };
}
